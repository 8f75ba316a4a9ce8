package dev.espalier.local;

import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.LocalFederation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A home folder in use by this process, and the federation in it: both are let go at the end of the
 * block, or when the process is told to end.
 */
public final class Opened implements AutoCloseable {

    private final HomeFolder.Lock lock;
    private @Nullable LocalFederation federation;

    private Opened(HomeFolder.Lock lock) {
        this.lock = lock;
    }

    /**
     * @throws IOException if another process uses the folder
     */
    public static Opened folder(HomeFolder folder) throws IOException {
        Opened opened = new Opened(folder.lock());
        Runtime.getRuntime().addShutdownHook(new Thread(opened::close, "closing"));
        return opened;
    }

    /** Brings a federation into being; no part of it need run yet. */
    @FunctionalInterface
    public interface Opening {

        LocalFederation open() throws IOException;
    }

    /** The same federation, now looked after; one that was looked after before is closed first. */
    public synchronized LocalFederation with(Opening opening) throws IOException {
        closeFederation();
        LocalFederation opened = opening.open();
        federation = opened;
        return opened;
    }

    @Override
    public synchronized void close() {
        closeFederation();
        lock.close();
    }

    private void closeFederation() {
        if (federation != null) {
            federation.close();
            federation = null;
        }
    }
}
