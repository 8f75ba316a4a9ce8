package dev.espalier.lm.compute;

import ai.djl.Device;

/**
 * Where models are computed in this process, and why there.
 *
 * @param device in the engine's words
 * @param reason completes "computing on the CPU, since ..."
 */
public record Placement(Device device, String reason) {

    static Placement cpu(String reason) {
        return new Placement(Device.cpu(), reason);
    }

    static Placement gpu(int number, String reason) {
        return new Placement(Device.gpu(number), reason);
    }

    /** {@code cpu} or {@code cuda}. */
    public String kind() {
        return device.isGpu() ? "cuda" : "cpu";
    }

    /** {@code cpu}, or {@code cuda:} and the number of the GPU. */
    @Override
    public String toString() {
        return device.isGpu() ? kind() + ":" + device.getDeviceId() : kind();
    }
}
