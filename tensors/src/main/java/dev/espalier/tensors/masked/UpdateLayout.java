package dev.espalier.tensors.masked;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.Encoding.Bitmap;
import dev.espalier.tensors.masked.Encoding.Cells;
import dev.espalier.tensors.masked.Encoding.Columns;
import dev.espalier.tensors.masked.Encoding.Dense;
import dev.espalier.tensors.masked.Encoding.MaskOnly;
import dev.espalier.tensors.masked.Encoding.Rows;
import dev.espalier.tensors.quantised.QuantisedVectors;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import dev.espalier.tensors.safetensors.TensorSink;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Spreads contributions over the entries of a safetensors file, the writing half of {@link
 * UpdateFile}.
 */
final class UpdateLayout {

    private static final int SLICE = 1 << 16;

    private final DType valueType;
    private final SafetensorsWriter writer;

    UpdateLayout(DType valueType, Map<String, String> metadata) {
        if (!valueType.isFloating()) {
            throw new IllegalArgumentException("values cannot be stored as " + valueType);
        }
        this.valueType = valueType;
        this.writer = new SafetensorsWriter().metadata(metadata);
    }

    void add(MaskedTensor tensor) {
        if (tensor.name().indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "a tensor's name must not contain '#': " + tensor.name());
        }
        addMask(tensor);
        tensor.quantised()
                .ifPresentOrElse(
                        vectors -> addQuantised(tensor.name(), vectors), () -> addFloats(tensor));
    }

    private void addQuantised(String name, QuantisedVectors vectors) {
        Shape shape = Shape.of(vectors.bytes().byteSize());
        writer.raw(name, DType.U8, shape, vectors.bytes());
    }

    private void addFloats(MaskedTensor tensor) {
        if (!(tensor.encoding() instanceof MaskOnly)) {
            writer.tensor(
                    tensor.name(),
                    valueType,
                    tensor.packedShape(),
                    sink -> writeValues(tensor, sink));
        }
    }

    void write(Path file) throws IOException {
        writer.write(file);
    }

    private void addMask(MaskedTensor tensor) {
        String name = tensor.name();
        switch (tensor.encoding()) {
            case Dense() -> {}
            case Rows(IndexSet rows) -> addIndices(name + UpdateFile.ROWS, rows);
            case Columns(IndexSet columns) -> addIndices(name + UpdateFile.COLUMNS, columns);
            case Cells(IndexSet rows, IndexSet columns) -> {
                addIndices(name + UpdateFile.ROWS, rows);
                addIndices(name + UpdateFile.COLUMNS, columns);
            }
            case Bitmap(ElementMask mask) -> addElements(name, mask);
            case MaskOnly(ElementMask mask) -> addBitmap(name, mask);
        }
    }

    private void addIndices(String name, IndexSet indices) {
        long[] wide = Arrays.stream(indices.toArray()).asLongStream().toArray();
        writer.longs(name, Shape.of(wide.length), wide);
    }

    /** In the fewer bytes. A mask alone is always a bitmap (algorithms.md D.6). */
    private void addElements(String name, ElementMask mask) {
        if (mask.isShorterAsPlaces()) {
            byte[] places = PlacedElements.placesOf(mask);
            writer.raw(
                    name + UpdateFile.PLACES,
                    DType.I32,
                    Shape.of(mask.kept()),
                    MemorySegment.ofArray(places));
        } else {
            addBitmap(name, mask);
        }
    }

    private void addBitmap(String name, ElementMask mask) {
        Shape shape = Shape.of(mask.bytes().byteSize());
        writer.raw(name + UpdateFile.BITMAP, DType.U8, shape, mask.bytes());
    }

    private static void writeValues(MaskedTensor tensor, TensorSink sink) throws IOException {
        float[] slice = new float[(int) Math.min(SLICE, tensor.valueCount())];
        for (long from = 0; from < tensor.valueCount(); from += SLICE) {
            int n = (int) Math.min(SLICE, tensor.valueCount() - from);
            tensor.readValues(from, slice, 0, n);
            sink.floats(from, slice, 0, n);
        }
    }
}
