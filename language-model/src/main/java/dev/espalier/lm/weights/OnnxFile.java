package dev.espalier.lm.weights;

import dev.espalier.tensors.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The graph of an ONNX file (onnx.proto of ONNX 1.x): nodes, stored tensors, scalar constants.
 * Field numbers are those of ModelProto, GraphProto, NodeProto, AttributeProto and TensorProto.
 */
final class OnnxFile {

    private static final int FLOAT = 1;

    private final Map<String, Tensor> tensors = new HashMap<>();
    private final Map<String, Node> nodes = new HashMap<>();
    private final Map<String, Tensor> constants = new HashMap<>();

    /** An operation; {@code value} is what a Constant holds. */
    record Node(
            String name, String type, List<String> in, List<String> out, @Nullable Tensor value) {}

    /** A stored tensor; {@code raw} is little-endian. */
    record Tensor(String name, int type, Shape shape, @Nullable ByteBuffer raw) {

        boolean isFloat() {
            return type == FLOAT;
        }

        float[] floats() {
            if (!isFloat() || raw == null) {
                throw new ModelRefusedException("ONNX tensor " + name + " is not stored as F32");
            }
            float[] values = new float[raw.remaining() / Float.BYTES];
            raw.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            if (values.length != shape().elements()) {
                throw new ModelRefusedException("ONNX tensor " + name + " is cut off");
            }
            return values;
        }
    }

    static OnnxFile read(ByteBuffer model) {
        OnnxFile file = new OnnxFile();
        Protobuf.read(
                model,
                (field, value, graph) -> {
                    if (field == 7 && graph != null) {
                        file.readGraph(graph);
                    }
                });
        return file;
    }

    /** Stored tensors by name. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    Iterable<Node> nodes() {
        return nodes.values();
    }

    @Nullable Node node(String name) {
        return nodes.get(name);
    }

    /** The number that a node's input stands for, if it is a scalar constant of type F32. */
    @Nullable Float scalar(String input) {
        Tensor tensor = constants.getOrDefault(input, tensors.get(input));
        if (tensor == null || !tensor.isFloat() || tensor.shape().elements() != 1) {
            return null;
        }
        return tensor.floats()[0];
    }

    private void readGraph(ByteBuffer graph) {
        Protobuf.read(
                graph,
                (field, value, bytes) -> {
                    if (bytes != null && field == 1) {
                        add(node(bytes));
                    } else if (bytes != null && field == 5) {
                        Tensor tensor = tensor(bytes);
                        tensors.put(tensor.name(), tensor);
                    }
                });
    }

    private void add(Node node) {
        nodes.put(node.name(), node);
        if (node.value() != null) {
            node.out().forEach(output -> constants.put(output, node.value()));
        }
    }

    private static Node node(ByteBuffer node) {
        List<String> in = new ArrayList<>();
        List<String> out = new ArrayList<>();
        String[] names = {"", ""};
        Tensor[] constant = new Tensor[1];
        Protobuf.read(
                node,
                (field, value, bytes) -> {
                    if (bytes == null) {
                        return;
                    }
                    switch (field) {
                        case 1 -> in.add(Protobuf.text(bytes));
                        case 2 -> out.add(Protobuf.text(bytes));
                        case 3 -> names[0] = Protobuf.text(bytes);
                        case 4 -> names[1] = Protobuf.text(bytes);
                        case 5 -> readConstant(bytes, constant);
                        default -> {}
                    }
                });
        return new Node(names[0], names[1], in, out, constant[0]);
    }

    private static void readConstant(ByteBuffer attribute, @Nullable Tensor[] into) {
        Protobuf.read(
                attribute,
                (field, value, bytes) -> {
                    if (field == 5 && bytes != null) {
                        into[0] = tensor(bytes);
                    }
                });
    }

    private static Tensor tensor(ByteBuffer tensor) {
        List<Long> dimensions = new ArrayList<>();
        int[] type = {0};
        String[] name = {""};
        ByteBuffer[] raw = new ByteBuffer[1];
        Protobuf.read(
                tensor,
                (field, value, bytes) -> {
                    switch (field) {
                        case 1 -> addDimensions(value, bytes, dimensions);
                        case 2 -> type[0] = (int) value;
                        case 4, 9 -> raw[0] = bytes; // packed float_data or raw_data: the same
                        case 8 -> name[0] = bytes == null ? "" : Protobuf.text(bytes);
                        case 14 -> requireInside(value);
                        default -> {}
                    }
                });
        return new Tensor(name[0], type[0], shape(dimensions), raw[0]);
    }

    private static Shape shape(List<Long> dimensions) {
        try {
            return Shape.of(dimensions.stream().mapToLong(Long::longValue).toArray());
        } catch (IllegalArgumentException e) {
            throw new ModelRefusedException("the ONNX file is malformed", e);
        }
    }

    private static void addDimensions(long value, @Nullable ByteBuffer packed, List<Long> into) {
        if (packed == null) {
            into.add(value);
            return;
        }
        ByteBuffer in = packed.duplicate();
        while (in.hasRemaining()) {
            into.add(Protobuf.varint(in));
        }
    }

    private static void requireInside(long dataLocation) {
        if (dataLocation != 0) {
            throw new ModelRefusedException("ONNX files with external data are not supported");
        }
    }
}
