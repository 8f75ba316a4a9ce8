package dev.espalier.lm.cost;

/**
 * The size of one batch as it is computed, padding included.
 *
 * @param size texts
 * @param length tokens of the longest; of the longest source, where texts are made of texts
 * @param target tokens of the longest target; 0 where nothing is written
 */
public record BatchShape(int size, int length, int target) {

    public BatchShape {
        if (size < 1 || length < 1 || target < 0) {
            throw new IllegalArgumentException(
                    "no batch: %d x %d, targets of %d".formatted(size, length, target));
        }
    }

    /** A batch for a model that only reads, or that continues what it reads. */
    public BatchShape(int size, int length) {
        this(size, length, 0);
    }
}
