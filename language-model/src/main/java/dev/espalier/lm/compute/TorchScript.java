package dev.espalier.lm.compute;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A formula in TorchScript, for what DJL's arrays cannot say. Holds no weights; gradients flow
 * through it as through any operation, and many threads may use it at a time.
 *
 * <p>The engine loads such programs from the archive that {@code torch.jit.save} writes: a zip of
 * stored entries with the code as text and an empty object. It is written here.
 */
final class TorchScript {

    /** Python's pickle, protocol 2, of an object without parameters: {@code M(training=True)}. */
    private static final String EMPTY_OBJECT =
            "\u0080\u0002c__torch__\nM\n)\u0081}(X\b\0\0\0training\u0088ub.";

    /** The same of an empty tuple. */
    private static final String NO_CONSTANTS = "\u0080\u0002).";

    private static final String HEAD =
            """
            class M(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
            """;

    private final PtSymbolBlock block;

    private TorchScript(PtSymbolBlock block) {
        this.block = block;
    }

    /**
     * @param manager what the program lives as long as
     * @param arguments names of tensors, separated by commas
     * @param formula a tensor, with every default argument written out
     */
    static TorchScript of(NDManager manager, String arguments, String formula) {
        String tensors = arguments.replaceAll("\\w+", "$0: Tensor");
        String code =
                HEAD
                        + "  def forward(self: __torch__.M, %s) -> Tensor:\n    return %s\n"
                                .formatted(tensors, formula);
        try {
            ByteArrayInputStream archive = new ByteArrayInputStream(archive(code));
            return new TorchScript(
                    JniUtils.loadModule((PtNDManager) manager, archive, true, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The result hangs on the manager of the first argument. Records gradients if the thread does.
     */
    NDArray apply(NDArray... arguments) {
        JniUtils.setGraphExecutorOptimize(false); // of this thread: else it compiles as it goes
        // always "training": otherwise weights made here could take no part in a later backward
        // pass
        return IValueUtils.forward(block, new NDList(arguments), true).singletonOrThrow();
    }

    private static byte[] archive(String code) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            stored(zip, "m/data.pkl", EMPTY_OBJECT);
            stored(zip, "m/code/__torch__.py", code);
            stored(zip, "m/constants.pkl", NO_CONSTANTS);
            stored(zip, "m/version", "10\n");
        }
        return bytes.toByteArray();
    }

    private static void stored(ZipOutputStream zip, String name, String latin) throws IOException {
        byte[] data = latin.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 sum = new CRC32();
        sum.update(data);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCompressedSize(data.length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }
}
