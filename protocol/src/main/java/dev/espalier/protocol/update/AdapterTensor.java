package dev.espalier.protocol.update;

import java.util.List;

/**
 * One trainable tensor of an adapter.
 *
 * @param name as in PEFT's {@code adapter_model.safetensors}
 * @param module the linear it belongs to
 * @param shape A [rank, in], B [out, rank], task head weight [out, in] or bias [out]
 */
public record AdapterTensor(String name, Kind kind, String module, List<Integer> shape) {

    /** What a tensor is within its module. */
    public enum Kind {
        LORA_A,
        LORA_B,
        TASK_HEAD_WEIGHT,
        TASK_HEAD_BIAS;

        public boolean isTaskHead() {
            return this == TASK_HEAD_WEIGHT || this == TASK_HEAD_BIAS;
        }
    }

    public long elements() {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }
}
