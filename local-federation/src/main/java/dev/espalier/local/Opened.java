package dev.espalier.local;

import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.LocalFederation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A home folder in use by this process, and the federation in it: both are let go at the end of the
 * block, or when the process is told to end.
 */
final class Opened implements AutoCloseable {

    private final HomeFolder.Lock lock;
    private @Nullable LocalFederation federation;

    private Opened(HomeFolder.Lock lock) {
        this.lock = lock;
    }

    /**
     * @throws IOException if another process uses the folder
     */
    static Opened folder(HomeFolder folder) throws IOException {
        Opened opened = new Opened(folder.lock());
        Runtime.getRuntime().addShutdownHook(new Thread(opened::close, "closing"));
        return opened;
    }

    /** The same federation, now looked after. */
    synchronized LocalFederation with(LocalFederation opened) {
        federation = opened;
        return opened;
    }

    @Override
    public synchronized void close() {
        if (federation != null) {
            federation.close();
            federation = null;
        }
        lock.close();
    }
}
