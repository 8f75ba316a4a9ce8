package dev.espalier.aggregation;

import dev.espalier.aggregation.sparse.Expansion;
import dev.espalier.aggregation.sparse.SparseCombiner;
import dev.espalier.aggregation.sparse.SparseUpdate;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A base of three layers with two small matrices each, that leaves {@code net.} out of its weights'
 * names; and rounds and updates that prune it.
 */
public final class LayeredModel {

    public static final VersionRef BASE = VersionRef.parse("layered@1");
    public static final ModelName PRUNED = new ModelName("pruned");
    public static final ModelName BASES = new ModelName("pruned-base");
    public static final BigDecimal HALF = new BigDecimal("0.5");
    public static final SparseAggregationSpec L0 = new SparseAggregationSpec.L0();
    public static final SparseAggregationSpec EXPANDED =
            new SparseAggregationSpec.L0MaskExpansion(null);
    public static final SparseAggregationSpec STANDALONE = new SparseAggregationSpec.Standalone();

    private static final String HOLDER = "net.";

    private LayeredModel() {}

    public static ModelStructure structure() {
        List<Linear> linears = new ArrayList<>();
        for (int layer = 0; layer < 3; layer++) {
            linears.add(new Linear("net.layer.%d.up".formatted(layer), 8, 12, true, layer));
            linears.add(new Linear("net.layer.%d.down".formatted(layer), 12, 8, false, layer));
        }
        return structure("tiny", linears);
    }

    public static ModelStructure structure(String family, List<Linear> linears) {
        int layers = (int) linears.stream().map(Linear::layer).distinct().count();
        return new ModelStructure(
                family, layers, 8, 16, 32, 1000, linears, List.of(), List.of(), List.of("up"));
    }

    /** Names in the weights, ascending. */
    public static SortedSet<String> matrices() {
        SortedSet<String> names = new TreeSet<>();
        structure().linears().forEach(linear -> names.add(stored(linear)));
        return names;
    }

    public static String stored(Linear linear) {
        return linear.weight().substring(HOLDER.length());
    }

    /** Every value drawn; with an embedding and norms, which nobody may prune. */
    public static Path base(Path file, DType dtype) throws IOException {
        Random any = new Random(11);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        writer.floats("embedding.weight", dtype, Shape.of(16, 8), some(any, 128));
        for (Linear linear : structure().linears()) {
            Shape shape = Shape.of(linear.out(), linear.in());
            writer.floats(stored(linear), dtype, shape, some(any, (int) shape.elements()));
        }
        writer.floats("norm.weight", dtype, Shape.of(8), some(any, 8));
        writer.write(file);
        return file;
    }

    public static WeightPruningSpec weights(Pruner pruner) {
        return new WeightPruningSpec(HALF, null, null, pruner, null, null, null, null);
    }

    public static WeightPruningSpec pattern(String pattern, Pruner pruner) {
        return new WeightPruningSpec(null, pattern, null, pruner, null, null, null, null);
    }

    /** Half of every matrix, by Wanda. */
    public static RoundWork.Prune half(SparseAggregationSpec rule) {
        return new RoundWork.Prune(weights(Pruner.WANDA), HALF, rule);
    }

    public static RoundSession session(
            RoundId round,
            VersionRef base,
            RoundWork.Prune work,
            RoundSession.Invitation... cohort) {
        return new RoundSession(
                round,
                TinyModel.JOB,
                1,
                PRUNED,
                base,
                base,
                work,
                77,
                Arrays.asList(cohort),
                TinyModel.DEADLINE);
    }

    public static RoundSession.Invitation invitation(AgentName agent, Integer... layers) {
        byte[] token = TinyModel.token(agent).getBytes(StandardCharsets.UTF_8);
        return new RoundSession.Invitation(
                agent, Digest.of(token), Scope.ofLayers(List.of(layers)), null, null);
    }

    public static PruningManifest manifest(
            RoundSession session, AgentName agent, long examples, Integer... layers) {
        RoundWork.Prune work = (RoundWork.Prune) session.work();
        return new PruningManifest(
                PruningManifest.SCHEMA,
                session.round(),
                agent,
                session.base(),
                Scope.ofLayers(List.of(layers)),
                work.weights().pruner(),
                examples,
                32,
                2.5);
    }

    /** Half of every row of every matrix in scope, by a draw. */
    public static List<MaskedTensor> halfOf(ModelStructure structure, Scope scope, long seed) {
        Random any = new Random(seed);
        List<MaskedTensor> masks = new ArrayList<>();
        for (Linear linear : structure.linearsOf(scope.layers())) {
            boolean[] kept = new boolean[linear.out() * linear.in()];
            for (int row = 0; row < linear.out(); row++) {
                for (int left = linear.in() / 2; left > 0; ) {
                    int at = row * linear.in() + any.nextInt(linear.in());
                    left -= kept[at] ? 0 : 1;
                    kept[at] = true;
                }
            }
            Shape shape = Shape.of(linear.out(), linear.in());
            masks.add(MaskedTensor.maskOnly(stored(linear), shape, ElementMask.of(kept)));
        }
        return masks;
    }

    public static Path write(
            Path file, @Nullable PruningManifest manifest, List<MaskedTensor> tensors, DType type)
            throws IOException {
        UpdateFile.write(
                file,
                manifest == null
                        ? Map.of()
                        : Map.of(
                                PruningManifest.METADATA_KEY,
                                JsonMapper.shared().writeValueAsString(manifest)),
                tensors,
                type);
        return file;
    }

    /**
     * The weights and the mask that come of updates of the base by one thread, without any service.
     *
     * @param folder holds the base as {@code model.safetensors}
     */
    public static Combined combined(Path folder, List<SparseUpdate> updates, Expansion expansion)
            throws IOException {
        Path mask = folder.resolve("expected-mask");
        Path weights = folder.resolve("expected-weights");
        new SparseCombiner(MaskedMean.sequential())
                .combine(
                        new SparseCombiner.Files(
                                List.of(folder.resolve("model.safetensors")), null, mask, weights),
                        matrices(),
                        updates,
                        expansion);
        return new Combined(Files.readAllBytes(weights), Files.readAllBytes(mask));
    }

    /** Two files. */
    public record Combined(byte[] weights, byte[] mask) {}

    private static float[] some(Random any, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = any.nextFloat() - 0.5f;
        }
        return values;
    }
}
