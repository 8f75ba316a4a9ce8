package dev.espalier.agent.upload;

class MemoryAggregationTest extends AggregationContract {

    @Override
    Aggregation aggregation() {
        return new MemoryAggregation();
    }
}
