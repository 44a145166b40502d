"""A classifier in PyTorch with a circuit as one of its layers.

    python training_torch.py

Points inside and outside of a circle are told apart. The circuit takes each point as angles, twice,
with rotations between that are learned, and `backward` goes through it like through any layer.
"""

import torch

import numket as nk
from numket.torch import Expectation

torch.manual_seed(1)
points = 2 * torch.rand(128, 2, dtype=torch.float64) - 1
inside = (points.square().sum(axis=1) < 0.6).double()


def encoder(layers):
    """Angles of the data (x, y) and of the weights, in turns."""
    circuit, x, y = nk.Circuit(2), nk.Parameter("x"), nk.Parameter("y")
    for layer in range(layers):
        circuit.ry(2 * x, 0).ry(2 * y, 1)
        for q in range(2):
            circuit.rz(nk.Parameter(f"z{layer}{q}"), q).ry(nk.Parameter(f"y{layer}{q}"), q)
        circuit.cz(0, 1)
    return circuit


class Classifier(torch.nn.Module):
    """Means of two qubits, and a linear layer."""

    def __init__(self, layers=3):
        super().__init__()
        circuit = encoder(layers)
        self.means = Expectation(circuit, ["ZI", "IZ"])
        names = [p.name for p in circuit.parameters if p.name not in "xy"]
        start = {name: torch.nn.Parameter(torch.randn((), dtype=torch.float64)) for name in names}
        self.weights = torch.nn.ParameterDict(start)
        self.last = torch.nn.Linear(2, 1, dtype=torch.float64)

    def forward(self, points):
        values = {"x": points[:, 0], "y": points[:, 1], **self.weights}
        return self.last(self.means(values))[:, 0]


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for _ in range(150):
    optimizer.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(points), inside)
    loss.backward()
    optimizer.step()

right = ((model(points) > 0) == inside.bool()).double().mean().item()
print(f"loss {loss.item():.3f}, {right:.0%} of the points are right")
assert right > 0.9
