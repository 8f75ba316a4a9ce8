package dev.espalier.tensors.masked;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.safetensors.Quoted;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Holds the entries of a safetensors file against the rules of {@link UpdateFile}. */
final class UpdateEntries {

    private final SafetensorsFile file;

    UpdateEntries(SafetensorsFile file) {
        this.file = file;
    }

    /**
     * Names of the tensors, without the suffixes of masks.
     *
     * @throws UpdateFormatException if an entry's type, rank or companions are not right
     */
    SortedSet<String> tensorNames() throws UpdateFormatException {
        TreeSet<String> names = new TreeSet<>();
        for (String stored : file.names()) {
            names.add(checkedOwner(file.info(stored)));
        }
        return Collections.unmodifiableSortedSet(names);
    }

    private String checkedOwner(TensorInfo info) throws UpdateFormatException {
        int hash = info.name().indexOf('#');
        if (hash < 0) {
            requireValues(info);
            return info.name();
        }
        String owner = info.name().substring(0, hash);
        switch (info.name().substring(hash)) {
            case UpdateFile.ROWS, UpdateFile.COLUMNS -> {
                requireVector(info, DType.I64);
                require(file.contains(owner), info, "indices without values");
                require(!file.contains(owner + UpdateFile.BITMAP), info, "indices beside a bitmap");
            }
            case UpdateFile.BITMAP -> {
                requireVector(info, DType.U8);
                require(!isQuantised(owner), info, "a bitmap of quantised values");
            }
            case UpdateFile.PLACES -> {
                requireVector(info, DType.I32);
                require(file.contains(owner), info, "places without values");
                require(!isQuantised(owner), info, "places of quantised values");
                require(isAlone(owner), info, "places beside another mask");
            }
            default ->
                    require(
                            false,
                            info,
                            "an unknown suffix; known are #rows, #columns, #bitmap, #places");
        }
        return owner;
    }

    /** Whether nothing but places says which elements there are. */
    private boolean isAlone(String owner) {
        return Stream.of(UpdateFile.ROWS, UpdateFile.COLUMNS, UpdateFile.BITMAP)
                .noneMatch(suffix -> file.contains(owner + suffix));
    }

    private boolean isQuantised(String owner) {
        return file.contains(owner) && file.info(owner).dtype() == DType.U8;
    }

    private static void requireValues(TensorInfo info) throws UpdateFormatException {
        if (info.dtype() == DType.U8) {
            requireVector(info, DType.U8);
            return;
        }
        require(
                info.dtype().isFloating(),
                info,
                "values must be F32, F16 or BF16, or quantised as U8, not " + info.dtype());
    }

    private static void requireVector(TensorInfo info, DType dtype) throws UpdateFormatException {
        require(info.dtype() == dtype, info, "must be " + dtype + ", not " + info.dtype());
        require(
                info.shape().rank() == 1,
                info,
                "must have one dimension, not shape " + info.shape());
    }

    private static void require(boolean holds, TensorInfo info, String reason)
            throws UpdateFormatException {
        if (!holds) {
            throw new UpdateFormatException("tensor " + Quoted.of(info.name()) + ": " + reason);
        }
    }
}
