package dev.espalier.tensors.masked;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/** A mask as the places of its few elements, ascending. */
final class PlacedElements extends ElementMask {

    /** Of one place. */
    static final int BYTES = Integer.BYTES;

    private static final ValueLayout.OfInt PLACE =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int SLICE = 4096;

    private final MemorySegment places;
    private final long elements;
    private final int kept;

    private PlacedElements(MemorySegment places, long elements, int kept) {
        this.places = places;
        this.elements = elements;
        this.kept = kept;
    }

    static PlacedElements checked(MemorySegment places, long elements) {
        if (places.byteSize() % BYTES != 0) {
            throw new IllegalArgumentException("places of four bytes each: " + places.byteSize());
        }
        int kept = Math.toIntExact(places.byteSize() / BYTES);
        PlacedElements mask = new PlacedElements(places, elements, kept);
        int previous = -1;
        for (int i = 0; i < kept; i++) {
            int place = mask.at(i);
            if (place <= previous || place >= elements) {
                throw new IllegalArgumentException(
                        "place %d after %d of %d elements".formatted(place, previous, elements));
            }
            previous = place;
        }
        return mask;
    }

    /** Little-endian, as {@link #checked} reads them. */
    static byte[] placesOf(ElementMask mask) {
        byte[] bytes = new byte[Math.toIntExact(mask.kept() * BYTES)];
        MemorySegment places = MemorySegment.ofArray(bytes);
        int[] found = new int[SLICE];
        long next = 0;
        for (long from = 0; from < mask.elements(); from += SLICE) {
            int count = (int) Math.min(SLICE, mask.elements() - from);
            int here = mask.positions(from, count, found);
            for (int i = 0; i < here; i++) {
                places.set(PLACE, BYTES * next++, (int) from + found[i]);
            }
        }
        return bytes;
    }

    private int at(int i) {
        return places.get(PLACE, (long) i * BYTES);
    }

    @Override
    public long elements() {
        return elements;
    }

    @Override
    public long kept() {
        return kept;
    }

    @Override
    public boolean keeps(long element) {
        Objects.checkIndex(element, elements);
        int place = (int) rank(element);
        return place < kept && at(place) == element;
    }

    @Override
    public MemorySegment bytes() {
        byte[] bits = new byte[Math.toIntExact(byteSize(elements))];
        for (int i = 0; i < kept; i++) {
            bits[at(i) / 8] |= (byte) (1 << (at(i) % 8));
        }
        return MemorySegment.ofArray(bits).asReadOnly();
    }

    @Override
    long rank(long element) {
        int low = 0;
        int high = kept;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (at(middle) < element) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    int positions(long from, int count, int[] positions) {
        int found = 0;
        for (int i = (int) rank(from); i < kept && at(i) < from + count; i++) {
            positions[found++] = (int) (at(i) - from);
        }
        return found;
    }
}
