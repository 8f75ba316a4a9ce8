package dev.espalier.lm.compute;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PyTorch engine of this process. Loads its native libraries on first use, which takes about a
 * second, and never calls home.
 */
public final class Compute {

    private static final Logger log = LoggerFactory.getLogger(Compute.class);

    private static volatile Placement placement = Placement.cpu("nothing else was asked for");

    private Compute() {}

    private static final class Holder {
        static final Engine ENGINE = load();

        private static Engine load() {
            if (System.getenv("OPT_OUT_TRACKING") == null) {
                System.setProperty("OPT_OUT_TRACKING", "true"); // else DJL reports its start
            }
            return Engine.getEngine("PyTorch");
        }
    }

    /**
     * A new root for native arrays on the process's device. Whatever hangs on it is freed when it
     * is closed.
     */
    public static NDManager newManager() {
        return Holder.ENGINE.newBaseManager(placement.device());
    }

    /**
     * Decides where models that are loaded from now on are computed, for the whole process: on the
     * CPU unless this is called. A GPU that cannot be used is no error; the CPU takes its place and
     * the log says why.
     */
    public static Placement useDevice(DeviceChoice choice) {
        Engine engine = Holder.ENGINE;
        boolean cudaBuilt = engine.hasCapability(StandardCapabilities.CUDA);
        placement = choice.among(cudaBuilt, cudaBuilt ? engine.getGpuCount() : 0);
        log.info("computing on {}, since {}", placement, placement.reason());
        return placement;
    }

    /**
     * Sets how many threads one operation of the engine may use, for the whole process. With one,
     * results do not depend on the machine's number of cores and several agents share cores well.
     *
     * <p>Where cores are shared, also set {@code OMP_WAIT_POLICY=PASSIVE} in the environment of the
     * process: idle threads then sleep instead of spinning.
     */
    public static void useThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1: " + threads);
        }
        Holder.ENGINE.getVersion(); // loads the library that the next line calls
        JniUtils.setNumThreads(threads);
    }

    /** How many threads one operation may use. */
    public static int threads() {
        Holder.ENGINE.getVersion();
        return JniUtils.getNumThreads();
    }
}
