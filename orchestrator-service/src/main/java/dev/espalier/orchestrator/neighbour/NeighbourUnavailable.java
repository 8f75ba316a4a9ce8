package dev.espalier.orchestrator.neighbour;

/** A neighbour does not answer, or not sensibly. The same call may succeed later. */
public final class NeighbourUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which neighbour and how it failed, for people
     */
    public NeighbourUnavailable(String message) {
        super(message, null, false, false);
    }
}
