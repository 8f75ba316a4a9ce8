package dev.espalier.orchestrator.neighbour;

class FakeNeighboursTest extends NeighbourContract {

    @Override
    Registry registry() {
        return registryInside;
    }

    @Override
    Aggregation aggregation() {
        return aggregationInside;
    }
}
