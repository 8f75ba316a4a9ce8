package dev.espalier.lm.weights;

import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a BERT encoder that was exported to ONNX by PyTorch into a Hugging Face folder, the one
 * form we work with. Such files lie in Maven artifacts, so a pretrained model needs no model hub.
 *
 * <p>The exporter stores weights of linear layers transposed and without their name, which the node
 * that uses them still has; number of heads and epsilon are read off the constants of the graph.
 * These exports carry no pooler. The folder gets one that is the identity (weight 1 on the
 * diagonal, bias 0), so that {@code BertForSequenceClassification} of transformers loads it
 * unchanged instead of drawing a random one; the classifier then sees tanh of the first token's
 * state.
 */
public final class OnnxImport {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final String MATMUL = "/MatMul";
    private static final String LAYER_0 = "/encoder/layer.0/";
    private static final String POOLER = "bert.pooler.dense.";

    private final OnnxFile graph;
    private final SortedMap<String, float[]> values = new TreeMap<>();
    private final SortedMap<String, Shape> shapes = new TreeMap<>();

    private OnnxImport(OnnxFile graph) {
        this.graph = graph;
    }

    /**
     * Writes {@code tokenizer.json}, {@code model.safetensors} (F32) and, last, {@code
     * config.json}: a folder that has one is complete. The same input gives the same bytes.
     *
     * @param onnx read to its end, below 2 GB
     * @param tokenizerJson read to its end
     * @throws ModelRefusedException if the graph is not such an encoder; says what is missing
     */
    public static void write(InputStream onnx, InputStream tokenizerJson, Path folder)
            throws IOException {
        OnnxImport model = new OnnxImport(OnnxFile.read(ByteBuffer.wrap(onnx.readAllBytes())));
        model.takeNamedTensors();
        model.takeLinearWeights();
        model.addPooler();
        Files.createDirectories(folder);
        Files.copy(
                tokenizerJson,
                folder.resolve(ModelFolder.TOKENIZER),
                StandardCopyOption.REPLACE_EXISTING);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        model.values.forEach((name, floats) -> writer.floats(name, model.shape(name), floats));
        writer.write(folder.resolve(ModelFolder.WEIGHTS));
        Files.writeString(
                folder.resolve(ModelFolder.CONFIG), JSON.writeValueAsString(model.config()));
    }

    private void takeNamedTensors() {
        for (Map.Entry<String, OnnxFile.Tensor> entry : graph.tensors().entrySet()) {
            String name = entry.getKey();
            boolean ofModel = name.startsWith("embeddings.") || name.startsWith("encoder.");
            if (ofModel && entry.getValue().isFloat()) {
                put("bert." + name, entry.getValue().shape(), entry.getValue().floats());
            }
        }
    }

    private void takeLinearWeights() {
        for (OnnxFile.Node node : graph.nodes()) {
            OnnxFile.Tensor stored = node.in().size() == 2 ? tensor(node.in().get(1)) : null;
            boolean linear = node.type().equals("MatMul") && node.name().endsWith(MATMUL);
            if (linear && stored != null) {
                String path = node.name().substring(1, node.name().length() - MATMUL.length());
                putTransposed("bert." + path.replace('/', '.') + ".weight", stored);
            }
        }
    }

    private OnnxFile.@Nullable Tensor tensor(String name) {
        return graph.tensors().get(name);
    }

    private void putTransposed(String name, OnnxFile.Tensor stored) {
        int in = Math.toIntExact(stored.shape().dimension(0));
        int out = Math.toIntExact(stored.shape().dimension(1));
        float[] from = stored.floats(); // [in, out]
        float[] to = new float[from.length]; // [out, in]
        for (int i = 0; i < in; i++) {
            for (int o = 0; o < out; o++) {
                to[o * in + i] = from[i * out + o];
            }
        }
        put(name, Shape.of(out, in), to);
    }

    private void addPooler() {
        int hidden = dimension("bert.embeddings.word_embeddings.weight", 1);
        float[] identity = new float[hidden * hidden];
        for (int i = 0; i < hidden; i++) {
            identity[i * hidden + i] = 1;
        }
        put(POOLER + "weight", Shape.of(hidden, hidden), identity);
        put(POOLER + "bias", Shape.of(hidden), new float[hidden]);
    }

    private ObjectNode config() {
        int hidden = dimension("bert.embeddings.word_embeddings.weight", 1);
        ObjectNode config = JSON.createObjectNode();
        config.putArray("architectures").add("BertForSequenceClassification");
        config.put("attention_probs_dropout_prob", 0.1);
        config.put("hidden_act", activation());
        config.put("hidden_dropout_prob", 0.1);
        config.put("hidden_size", hidden);
        config.put("initializer_range", 0.02);
        config.put(
                "intermediate_size", dimension("bert.encoder.layer.0.intermediate.dense.bias", 0));
        config.put("layer_norm_eps", epsilon());
        config.put(
                "max_position_embeddings",
                dimension("bert.embeddings.position_embeddings.weight", 0));
        config.put("model_type", "bert");
        config.put("num_attention_heads", heads(hidden));
        config.put("num_hidden_layers", layers());
        config.put("pad_token_id", 0);
        config.put("position_embedding_type", "absolute");
        config.put("torch_dtype", "float32");
        config.put("type_vocab_size", dimension("bert.embeddings.token_type_embeddings.weight", 0));
        config.put("vocab_size", dimension("bert.embeddings.word_embeddings.weight", 0));
        return config;
    }

    /** Scores are divided by the square root of a head's size. */
    private int heads(int hidden) {
        float divisor = constantOf(LAYER_0 + "attention/self/Div");
        int headSize = Math.round(divisor * divisor);
        if (headSize < 1 || hidden % headSize != 0) {
            throw new ModelRefusedException(
                    "the ONNX file's heads of %d do not divide %d".formatted(headSize, hidden));
        }
        return hidden / headSize;
    }

    private double epsilon() {
        float stored = constantOf("/embeddings/LayerNorm/Add");
        return Double.parseDouble(Float.toString(stored)); // 1e-12, not its nearest float
    }

    private String activation() {
        if (graph.node(LAYER_0 + "intermediate/intermediate_act_fn/Erf") == null) {
            throw new ModelRefusedException("the ONNX file's activation is not the exact gelu");
        }
        return "gelu";
    }

    /** The constant among the inputs of a node. */
    private float constantOf(String name) {
        OnnxFile.Node node = graph.node(name);
        if (node != null) {
            for (String input : node.in()) {
                Float value = graph.scalar(input);
                if (value != null) {
                    return value;
                }
            }
        }
        throw new ModelRefusedException("the ONNX file has no node " + name + " with a constant");
    }

    private int layers() {
        int layers = 0;
        while (values.containsKey("bert.encoder.layer.%d.output.dense.bias".formatted(layers))) {
            layers++;
        }
        return layers;
    }

    private int dimension(String name, int axis) {
        return Math.toIntExact(shape(name).dimension(axis));
    }

    private Shape shape(String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new ModelRefusedException("the ONNX file has no tensor for " + name);
        }
        return shape;
    }

    private void put(String name, Shape shape, float[] floats) {
        shapes.put(name, shape);
        values.put(name, floats);
    }
}
