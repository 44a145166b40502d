"""The helpers of the tests keep what they promise."""

import signal
import weakref

import pytest

from helpers import interrupted


def test_ctrl_c_is_sent_again_if_it_was_lost():
    """Python drops what the callback of a weak reference raises."""

    class Thing:
        pass

    reached = []

    def callback(reference):
        reached.append("callback")
        signal.pause()

    with interrupted(lambda: reached):
        thing = Thing()
        reference = weakref.ref(thing, callback)
        del thing
        reached.append(reference())
        while True:
            signal.pause()
    assert reached == ["callback", None]


def test_ctrl_c_that_is_not_answered_is_told():
    with pytest.raises(pytest.fail.Exception, match="before Ctrl-C was answered"), interrupted():
        pass


def test_ctrl_c_comes_once():
    """Nothing interrupts what the first signal has begun."""
    reached = []
    with interrupted(lambda: reached):
        try:
            reached.append("try")
            signal.pause()
        finally:
            for _ in range(3):
                signal.pause()  # returns when the next signal comes
                reached.append("finally")
    assert reached == ["try", "finally", "finally", "finally"]
