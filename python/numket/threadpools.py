"""numket's threads in threadpoolctl, which shows and limits the thread pools of a process."""

from functools import cache

import numket as nk
from numket._names import public as _public

try:
    import threadpoolctl
except ImportError as error:
    raise ImportError(
        "numket.threadpools needs threadpoolctl: use pip install threadpoolctl"
    ) from error

__all__ = ["NumketController", "register"]

__dir__ = _public(globals())


class NumketController(threadpoolctl.LibController):
    """What threadpoolctl knows of numket's threads.

    A limit is that of ``numket.set_num_threads``, for the whole process. Where it ends, the number
    that was before is set. threadpoolctl makes one for each extension of numket that it finds.

    Parameters
    ----------
    filepath : str, optional
        Where the extension is.
    prefix : str, optional
        What its name begins with.
    parent : threadpoolctl.ThreadpoolController, optional
        Who has found it.

    Examples
    --------
    >>> NumketController.user_api
    'numket'
    """

    user_api = internal_api = "numket"
    filename_prefixes = ("_core",)
    check_symbols = ("numket_num_threads",)

    def get_num_threads(self) -> int:
        """How many threads calls may use.

        Returns
        -------
        int
            What ``numket.get_num_threads`` says.
        """
        return nk.get_num_threads()

    def set_num_threads(self, num_threads: int) -> None:
        """Set how many threads calls may use from now on.

        Parameters
        ----------
        num_threads : int
            At least 1.

        Raises
        ------
        ValueError
            Where it is less than 1.
        """
        nk.set_num_threads(num_threads)

    def get_version(self) -> str:
        """The version of numket.

        Returns
        -------
        str
            That of the package.
        """
        return nk.__version__


@cache
def register() -> None:
    """Have threadpoolctl see and limit numket's threads.

    Examples
    --------
    >>> import threadpoolctl, numket as nk, numket.threadpools
    >>> numket.threadpools.register()
    >>> with threadpoolctl.threadpool_limits(1, user_api="numket"):
    ...     nk.get_num_threads()
    1
    """
    threadpoolctl.register(NumketController)
