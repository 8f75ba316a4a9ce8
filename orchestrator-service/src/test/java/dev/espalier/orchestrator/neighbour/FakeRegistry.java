package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A registry in memory. It survives crashes of the orchestrator, as the real one does. */
public final class FakeRegistry implements Registry {

    private final Map<ModelName, List<VersionManifest>> models = new HashMap<>();
    private final Map<String, VersionManifest> byKey = new HashMap<>();
    private final Map<String, Integer> aliases = new HashMap<>();
    private final Map<String, VersionMetrics> metrics = new HashMap<>();
    private boolean refusesMetrics;
    private final Outage outage = new Outage("the model registry");

    /** From now on, or no longer. */
    public synchronized void refuseMetrics(boolean refuses) {
        refusesMetrics = refuses;
    }

    public Outage outage() {
        return outage;
    }

    /** Publishes once under each key. */
    public synchronized VersionManifest publish(
            String key,
            ModelName model,
            VersionKind kind,
            @Nullable ModelStructure structure,
            String content) {
        return byKey.computeIfAbsent(
                key,
                k -> {
                    List<VersionManifest> versions =
                            models.computeIfAbsent(model, m -> new ArrayList<>());
                    VersionRef ref = new VersionRef(model, versions.size() + 1);
                    VersionManifest version = Models.version(ref, kind, structure, content);
                    versions.add(version);
                    aliases.put(model + "/latest", version.number());
                    return version;
                });
    }

    public void publishBase(ModelName model) {
        publishBase(model, Models.structure());
    }

    public void publishBase(ModelName model, ModelStructure structure) {
        publish(model + "/base", model, VersionKind.BASE, structure, "base");
    }

    @Override
    public synchronized Optional<VersionManifest> find(ModelPointer pointer) {
        outage.strike();
        List<VersionManifest> versions = models.getOrDefault(pointer.model(), List.of());
        Integer number =
                pointer.selector().matches("[0-9]+")
                        ? Integer.valueOf(pointer.selector())
                        : aliases.get(pointer.model() + "/" + pointer.selector());
        return versions.stream()
                .filter(version -> Objects.equals(version.number(), number))
                .findFirst();
    }

    @Override
    public synchronized OptionalInt alias(ModelName model, AliasName alias) {
        outage.strike();
        Integer number = aliases.get(model + "/" + alias);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    @Override
    public synchronized boolean moveAlias(ModelName model, AliasName alias, MoveAlias move) {
        outage.strike();
        String name = model + "/" + alias;
        if (!Objects.equals(aliases.get(name), move.expected())) {
            return false;
        }
        aliases.put(name, move.version());
        return true;
    }

    @Override
    public synchronized void recordMetrics(VersionRef version, VersionMetrics values) {
        outage.strike();
        if (refusesMetrics) {
            throw new NeighbourRefused(
                    "the model registry",
                    new Problem(
                            ProblemType.INVALID_VALUE.uri(),
                            ProblemType.INVALID_VALUE.title(),
                            ProblemType.INVALID_VALUE.status(),
                            "not these (test)",
                            false,
                            null));
        }
        metrics.put(version + "/" + values.data(), values);
    }

    public synchronized Optional<VersionMetrics> metrics(VersionRef version, DataName data) {
        return Optional.ofNullable(metrics.get(version + "/" + data));
    }

    /** Contents of all versions of a model, in order. */
    public synchronized List<String> digests(ModelName model) {
        return models.getOrDefault(model, List.of()).stream()
                .map(version -> version.digest().hex())
                .toList();
    }
}
