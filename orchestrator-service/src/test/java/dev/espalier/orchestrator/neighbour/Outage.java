package dev.espalier.orchestrator.neighbour;

/** Makes a fake fail on demand. */
public final class Outage {

    private final String neighbour;
    private boolean down;
    private Runnable beforeCall = () -> {};

    Outage(String neighbour) {
        this.neighbour = neighbour;
    }

    public void begin() {
        down = true;
    }

    public void end() {
        down = false;
    }

    /** Runs before every call. */
    public void beforeCall(Runnable action) {
        beforeCall = action;
    }

    void strike() {
        beforeCall.run();
        if (down) {
            throw new NeighbourUnavailable(neighbour + " does not answer (test)");
        }
    }
}
