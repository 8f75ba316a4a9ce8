package dev.espalier.lm.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceChoiceTest {

    @ParameterizedTest
    @CsvSource({
        "auto,   false, 0, cpu,    the engine's libraries were built without CUDA",
        "auto,   true,  0, cpu,    the driver shows no GPU",
        "auto,   true,  2, cuda:0, it was found",
        "cpu,    true,  2, cpu,    it was asked for",
        "cuda,   true,  1, cuda:0, it was asked for",
        "cuda,   false, 1, cpu,    the engine's libraries were built without CUDA",
        "cuda:1, true,  2, cuda:1, it was asked for",
        "cuda:2, true,  2, cpu,    there is no GPU 2: the driver shows 2"
    })
    void theCpuTakesThePlaceOfAGpuThatCannotBeUsedAndSaysWhy(
            String asked, boolean cudaBuilt, int gpus, String device, String reason) {
        Placement placement = DeviceChoice.of(asked).among(cudaBuilt, gpus);

        assertThat(placement).hasToString(device);
        assertThat(placement.kind()).isEqualTo(device.replaceAll(":.*", ""));
        assertThat(placement.reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cuda:", "cuda:-1", "cpu:0", "CUDA", ""})
    void whatIsNoDeviceIsRefused(String text) {
        assertThatThrownBy(() -> DeviceChoice.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a device is auto, cpu, cuda or cuda:n, not " + text);
    }

    @Test
    void theEngineOfTheTestsTakesTheCpu() {
        assertThat(Compute.useDevice(DeviceChoice.of("cpu"))).hasToString("cpu");
        try (NDManager manager = Compute.newManager()) {
            assertThat(manager.getDevice().isGpu()).isFalse();
        }
    }
}
