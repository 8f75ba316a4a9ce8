package dev.espalier.aggregation.importance;

import dev.espalier.aggregation.combine.ModuleFactors;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.MalformedSafetensorsException;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state that a version carries, or zeros where it carries none, or one of other settings. */
final class PriorState implements AutoCloseable {

    private final @Nullable SafetensorsFile file;

    private PriorState(@Nullable SafetensorsFile file) {
        this.file = file;
    }

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT if it is no such file
     */
    static PriorState open(Optional<Path> path, ImportanceSpec importance) throws IOException {
        if (path.isEmpty()) {
            return new PriorState(null);
        }
        SafetensorsFile file = open(path.get());
        if (file.metadata().equals(StateNames.settings(importance))) {
            return new PriorState(file);
        }
        file.close();
        return new PriorState(null);
    }

    /** Whether it begins with zeros. */
    boolean isFresh() {
        return file == null;
    }

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT if what is there has another shape
     */
    FloatReader floats(String name, Shape shape) {
        if (file == null) {
            return FloatReader.zeros();
        }
        require(file, name, DType.F32, shape);
        return file.reader(name);
    }

    /** [rank]. */
    long[] ages(ModuleFactors factors) {
        if (file == null) {
            return new long[factors.rank()];
        }
        String name = StateNames.age(factors);
        require(file, name, DType.I64, Shape.of(factors.rank()));
        long[] ages = file.longs(name);
        for (long age : ages) {
            if (age < 0 || age >= Integer.MAX_VALUE) {
                throw misfit(name + " has the age " + age);
            }
        }
        return ages;
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }

    private static SafetensorsFile open(Path path) throws IOException {
        try {
            return SafetensorsFile.open(path);
        } catch (MalformedSafetensorsException e) {
            throw misfit(String.valueOf(e.getMessage()));
        }
    }

    private static void require(SafetensorsFile file, String name, DType dtype, Shape shape) {
        if (!file.contains(name)) {
            throw misfit("it has no " + name);
        }
        TensorInfo info = file.info(name);
        if (info.dtype() != dtype || !info.shape().equals(shape)) {
            throw misfit(
                    "%s is %s %s, not %s %s"
                            .formatted(name, info.dtype(), info.shape(), dtype, shape));
        }
    }

    static ProblemException misfit(String detail) {
        return new ProblemException(
                ProblemType.MODEL_DOES_NOT_FIT,
                "the parent's aggregation state does not fit the adapter: " + detail);
    }
}
