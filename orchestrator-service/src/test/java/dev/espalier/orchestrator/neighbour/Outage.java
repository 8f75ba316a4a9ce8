package dev.espalier.orchestrator.neighbour;

/** Makes a fake fail on demand. */
public final class Outage {

    private final String neighbour;
    private boolean down;

    Outage(String neighbour) {
        this.neighbour = neighbour;
    }

    public void begin() {
        down = true;
    }

    public void end() {
        down = false;
    }

    void strike() {
        if (down) {
            throw new NeighbourUnavailable(neighbour + " does not answer (test)");
        }
    }
}
