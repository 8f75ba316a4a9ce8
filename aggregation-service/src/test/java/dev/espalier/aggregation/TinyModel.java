package dev.espalier.aggregation;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A model of two blocks with two heads of size 4 each, and adapters, rounds and updates for it. */
public final class TinyModel {

    public static final AgentName ADA = new AgentName("ada");
    public static final AgentName BOB = new AgentName("bob");
    public static final AgentName EVE = new AgentName("eve");

    public static final VersionRef BASE = VersionRef.parse("tiny@1");
    public static final VersionRef PARENT = VersionRef.parse("filter@1");
    public static final ModelName FILTER = new ModelName("filter");
    public static final RoundId ROUND = new RoundId(new UUID(1, 2));
    public static final JobId JOB = new JobId(new UUID(3, 4));
    public static final Instant DEADLINE = Instant.parse("2100-01-01T00:00:00Z");

    public static final String BLOCK = "net.layer.0.attention";
    public static final String NEXT_BLOCK = "net.layer.1.attention";
    public static final String QUERY = BLOCK + ".query";
    public static final AdapterSpec ADAPTER =
            new AdapterSpec(2, 4.0, 0.0, List.of("query", "value", "out"));
    public static final TaskSpec TASK = TaskSpec.classification(List.of("ham", "spam"), 16);

    private static final int WIDTH = 8;

    private TinyModel() {}

    public static ModelStructure structure() {
        return structure(BLOCK, NEXT_BLOCK);
    }

    public static ModelStructure structure(String... names) {
        List<ModelStructure.Linear> linears = new ArrayList<>();
        List<ModelStructure.AttentionBlock> blocks = new ArrayList<>();
        for (String block : names) {
            for (String name : List.of("query", "key", "value", "out")) {
                linears.add(new ModelStructure.Linear(block + "." + name, WIDTH, WIDTH, true));
            }
            blocks.add(
                    new ModelStructure.AttentionBlock(
                            block,
                            2,
                            2,
                            4,
                            block + ".query",
                            block + ".key",
                            block + ".value",
                            block + ".out"));
        }
        return new ModelStructure(
                "tiny",
                names.length,
                WIDTH,
                16,
                32,
                1000,
                linears,
                blocks,
                List.of(new ModelStructure.Linear("classifier", WIDTH, 0, true)),
                List.of("query", "value"));
    }

    public static AdapterLayout layout() {
        return AdapterLayout.of(structure(), ADAPTER, TASK);
    }

    public static Shape shape(AdapterTensor tensor) {
        return Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    }

    /** An adapter with every value drawn. */
    public static Path adapter(Path file, long seed) throws IOException {
        Random any = new Random(seed);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        for (AdapterTensor tensor : layout().tensors()) {
            writer.floats(tensor.name(), shape(tensor), some(any, (int) tensor.elements()));
        }
        writer.write(file);
        return file;
    }

    /** A base model whose modules are named with {@code prefix} left out. */
    public static Path base(Path file, String prefix, DType dtype) throws IOException {
        Random any = new Random(7);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        for (ModelStructure.Linear linear : structure().linears()) {
            String name = linear.name().substring(prefix.length());
            writer.floats(
                    name + ".weight", dtype, Shape.of(WIDTH, WIDTH), some(any, WIDTH * WIDTH));
            writer.floats(name + ".bias", dtype, Shape.of(WIDTH), some(any, WIDTH));
        }
        writer.write(file);
        return file;
    }

    public static UpdateManifest manifest(AgentName agent, Scope scope, long examples) {
        return manifest(ROUND, agent, scope, examples);
    }

    public static UpdateManifest manifest(
            RoundId round, AgentName agent, Scope scope, long examples) {
        return new UpdateManifest(
                UpdateManifest.SCHEMA,
                round,
                agent,
                PARENT,
                scope,
                confidence(scope, agent),
                null,
                null,
                examples,
                10,
                0.7,
                0.2,
                1.5);
    }

    /** The first head of a block has half the confidence of the second; agents differ. */
    private static @Nullable Map<String, List<Double>> confidence(Scope scope, AgentName agent) {
        if (scope.heads() == null) {
            return null;
        }
        double of = agent.value().charAt(0) / 256.0;
        Map<String, List<Double>> confidence = new TreeMap<>();
        scope.heads()
                .forEach((block, heads) ->
                        confidence.put(block, heads.stream().map(h -> of * (1 + h)).toList()));
        return confidence;
    }

    /** Some heads of each of the two blocks, and nothing else left out. */
    public static Scope heads(List<Integer> first, List<Integer> second) {
        return new Scope(Map.of(BLOCK, first, NEXT_BLOCK, second), null);
    }

    /** Any heads, at least one. */
    public static HeadAllowance anyHeads() {
        return new HeadAllowance(4, Map.of());
    }

    /** The update of one who trained everything in scope a little. */
    public static Path update(Path file, Path parent, UpdateManifest manifest, long seed)
            throws IOException {
        return write(
                file,
                JsonMapper.shared().writeValueAsString(manifest),
                tensors(parent, manifest.scope(), seed));
    }

    public static Path write(Path file, String manifestJson, List<MaskedTensor> tensors)
            throws IOException {
        UpdateFile.write(
                file, Map.of(UpdateManifest.METADATA_KEY, manifestJson), tensors, DType.F32);
        return file;
    }

    public static List<MaskedTensor> tensors(Path parent, Scope scope, long seed)
            throws IOException {
        Random any = new Random(seed);
        List<MaskedTensor> tensors = new ArrayList<>();
        try (SafetensorsFile before = SafetensorsFile.open(parent)) {
            for (AdapterTensor tensor : layout().tensors()) {
                AdapterLayout.Part part = layout().part(tensor, scope);
                if (!part.isEmpty()) {
                    float[] values = before.floats(tensor.name());
                    for (int i = 0; i < values.length; i++) {
                        values[i] += any.nextFloat() - 0.5f;
                    }
                    tensors.add(part(tensor, part, values));
                }
            }
        }
        return tensors;
    }

    /** What a scope leaves of a tensor's values, all of them given. */
    public static MaskedTensor part(AdapterTensor tensor, AdapterLayout.Part part, float[] values) {
        Shape shape = shape(tensor);
        if (part.isWhole()) {
            return MaskedTensor.dense(tensor.name(), shape, values);
        }
        int rows = (int) shape.dimension(0);
        int columns = (int) shape.dimension(1);
        int[] keptRows = part.rows() == null ? all(rows) : ints(part.rows());
        int[] keptColumns = part.columns() == null ? all(columns) : ints(part.columns());
        float[] packed = new float[keptRows.length * keptColumns.length];
        int at = 0;
        for (int row : keptRows) {
            for (int column : keptColumns) {
                packed[at++] = values[row * columns + column];
            }
        }
        if (part.columns() == null) {
            return MaskedTensor.rows(tensor.name(), shape, keptRows, packed);
        }
        return part.rows() == null
                ? MaskedTensor.columns(tensor.name(), shape, keptColumns, packed)
                : MaskedTensor.cells(tensor.name(), shape, keptRows, keptColumns, packed);
    }

    public static RoundSession session(RoundSession.Invitation... cohort) {
        return session(ROUND, DEADLINE, cohort);
    }

    public static RoundSession session(
            RoundId round, Instant deadline, RoundSession.Invitation... cohort) {
        return new RoundSession(
                round,
                JOB,
                1,
                FILTER,
                BASE,
                PARENT,
                new RoundWork.FineTune(ADAPTER, TASK, new AggregationSpec.FedAvg(50.0), null),
                1,
                Arrays.asList(cohort),
                deadline);
    }

    /** What a cohort that trains is asked for. */
    public static RoundWork.FineTune training(RoundSession session) {
        return (RoundWork.FineTune) session.work();
    }

    public static String token(AgentName agent) {
        return "token-of-" + agent;
    }

    public static RoundSession.Invitation invitation(AgentName agent, Scope scope) {
        return new RoundSession.Invitation(
                agent, Digest.of(token(agent).getBytes(StandardCharsets.UTF_8)), scope, null, null);
    }

    public static RoundSession.Invitation invitation(AgentName agent, HeadAllowance heads) {
        RoundSession.Invitation whole = invitation(agent, Scope.whole());
        return new RoundSession.Invitation(agent, whole.tokenHash(), whole.scope(), heads, null);
    }

    /** The same session under another rule. */
    public static RoundSession with(AggregationSpec rule, RoundSession session) {
        return new RoundSession(
                session.round(),
                session.job(),
                session.number(),
                session.publishAs(),
                session.base(),
                session.parent(),
                new RoundWork.FineTune(
                        training(session).adapter(), training(session).task(), rule, null),
                1,
                session.cohort(),
                session.deadline());
    }

    private static int[] all(int count) {
        return java.util.stream.IntStream.range(0, count).toArray();
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    private static float[] some(Random any, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = any.nextFloat() - 0.5f;
        }
        return values;
    }
}
