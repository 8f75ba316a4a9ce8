package dev.espalier.agent.work;

import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.protocol.work.Progress;

/** Nobody listens, nobody says stop. */
class StillHeart implements Heartbeat {

    @Override
    public void note(Progress progress) {}

    @Override
    public boolean isStopped() {
        return false;
    }
}
