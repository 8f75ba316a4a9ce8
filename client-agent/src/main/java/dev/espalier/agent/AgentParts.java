package dev.espalier.agent;

import dev.espalier.agent.model.BaseModels;
import dev.espalier.agent.model.VersionCache;
import dev.espalier.agent.neighbour.Line;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.upload.Aggregation;
import dev.espalier.agent.work.TrainingSlots;
import dev.espalier.lm.compute.Placement;
import dev.espalier.transfer.Sleeper;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.LongSupplier;
import tools.jackson.databind.json.JsonMapper;

/** What all agents of a JVM share. */
record AgentParts(
        Line orchestrator,
        VersionCache cache,
        BaseModels models,
        Aggregation aggregation,
        TrainingSlots slots,
        Placement placement,
        Patience patience,
        Sleeper sleeper,
        JsonMapper json,
        MeterRegistry meters,
        LongSupplier nanoTime) {}
