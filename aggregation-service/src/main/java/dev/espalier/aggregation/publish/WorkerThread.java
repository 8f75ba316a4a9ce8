package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.session.RoundSealed;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** Runs the {@link RoundWorker} when a round was sealed here, and now and then besides. */
@Component
class WorkerThread implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(WorkerThread.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    private final RoundWorker worker;
    private final Duration pollEvery;
    private final Semaphore wakeUp = new Semaphore(0);
    private volatile @Nullable Thread thread;

    WorkerThread(RoundWorker worker, PublishProperties properties) {
        this.worker = worker;
        this.pollEvery = properties.pollEvery();
    }

    @TransactionalEventListener
    void sealed(RoundSealed event) {
        wakeUp.release();
    }

    @Override
    public void start() {
        Thread fresh = Thread.ofPlatform().name("rounds").daemon().unstarted(this::run);
        thread = fresh; // first, since the thread runs for as long as it finds itself here
        fresh.start();
    }

    /** A round in the midst of its work stays leased, and is taken up again after the restart. */
    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running == null) {
            return;
        }
        running.interrupt();
        try {
            running.join(STOP_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void run() {
        while (isRunning()) {
            try {
                worker.drain();
                if (wakeUp.tryAcquire(pollEvery.toMillis(), TimeUnit.MILLISECONDS)) {
                    wakeUp.drainPermits();
                }
            } catch (InterruptedException stopping) {
                return;
            } catch (RuntimeException e) {
                if (isRunning()) {
                    log.error("looking for sealed rounds failed, will be tried again", e);
                    pause();
                }
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(pollEvery);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
