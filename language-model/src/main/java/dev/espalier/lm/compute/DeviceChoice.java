package dev.espalier.lm.compute;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the operator wants models to be computed.
 *
 * @param kind which devices will do
 * @param number of the GPU, from 0; 0 where no GPU is asked for
 */
public record DeviceChoice(Kind kind, int number) {

    /** Which devices will do. */
    public enum Kind {
        /** The first GPU that the engine can use, else the CPU. */
        AUTO,
        /** The CPU, whatever else there is. */
        CPU,
        /** One GPU by number; the CPU only where that cannot be used. */
        CUDA
    }

    private static final Pattern GPU = Pattern.compile("cuda(?::(\\d{1,3}))?");

    public DeviceChoice {
        if (number < 0 || (number > 0 && kind != Kind.CUDA)) {
            throw new IllegalArgumentException("no device is %s:%d".formatted(kind, number));
        }
    }

    /**
     * @param text {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:n}
     * @throws IllegalArgumentException for any other
     */
    public static DeviceChoice of(String text) {
        Matcher gpu = GPU.matcher(text);
        if (gpu.matches()) {
            return new DeviceChoice(
                    Kind.CUDA, gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
        }
        return switch (text) {
            case "auto" -> new DeviceChoice(Kind.AUTO, 0);
            case "cpu" -> new DeviceChoice(Kind.CPU, 0);
            default ->
                    throw new IllegalArgumentException(
                            "a device is auto, cpu, cuda or cuda:n, not " + text);
        };
    }

    /**
     * The device that this choice comes to.
     *
     * @param cudaBuilt whether the native libraries on the class path can use GPUs
     * @param gpus that the driver shows
     */
    Placement among(boolean cudaBuilt, int gpus) {
        if (kind == Kind.CPU) {
            return Placement.cpu("it was asked for");
        }
        if (!cudaBuilt) {
            return Placement.cpu("the engine's libraries were built without CUDA");
        }
        if (gpus <= number) {
            return Placement.cpu(
                    gpus == 0
                            ? "the driver shows no GPU"
                            : "there is no GPU %d: the driver shows %d".formatted(number, gpus));
        }
        return Placement.gpu(number, kind == Kind.AUTO ? "it was found" : "it was asked for");
    }
}
