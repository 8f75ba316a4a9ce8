package dev.espalier.tensors.combine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Numbers that are taken one after the other by a few workers, of which the calling thread is one.
 *
 * <p>A worker that the executor has not started when the work is done is not waited for, so a busy
 * executor, even one whose only thread is the caller's, slows this down and cannot block it.
 */
final class BlockWorkers {

    /** One worker's way to do a block, with a workspace of its own. */
    @FunctionalInterface
    interface BlockTask {
        void run(long block) throws IOException;
    }

    private final Executor executor;
    private final int parallelism;

    BlockWorkers(Executor executor, int parallelism) {
        this.executor = executor;
        this.parallelism = parallelism;
    }

    /**
     * Does blocks 0 to {@code blocks - 1}, each once. The first failure stops the rest and is
     * thrown.
     */
    void run(long blocks, Supplier<BlockTask> workers) throws IOException {
        AtomicLong next = new AtomicLong();
        Runnable work = () -> work(blocks, next, workers);
        List<Helper> helpers = new ArrayList<>();
        for (long i = Math.min(parallelism, blocks); i > 1; i--) {
            Helper helper = new Helper(work);
            helpers.add(helper);
            offer(helper);
        }
        try {
            finish(work, helpers);
        } catch (CompletionException e) {
            throw unwrapped(e);
        }
    }

    /** An executor that is full or shut down leaves the work to the caller. */
    private void offer(Helper helper) {
        try {
            executor.execute(helper);
        } catch (RejectedExecutionException full) {
            // it stays untaken, and is called off like any other that never began
        }
    }

    private static void work(long blocks, AtomicLong next, Supplier<BlockTask> workers) {
        try {
            BlockTask task = workers.get();
            for (long block = next.getAndIncrement();
                    block < blocks;
                    block = next.getAndIncrement()) {
                task.run(block);
            }
        } catch (IOException | RuntimeException | Error e) {
            next.set(blocks);
            throw new CompletionException(e);
        }
    }

    /**
     * Waits for every helper that has begun, also when the caller's own work failed: they use its
     * buffers.
     */
    private static void finish(Runnable work, List<Helper> helpers) {
        CompletableFuture<Void> own = new CompletableFuture<>();
        try {
            work.run();
            own.complete(null);
        } catch (CompletionException e) {
            own.completeExceptionally(e.getCause());
        }
        List<CompletableFuture<Void>> begun = new ArrayList<>(List.of(own));
        helpers.stream()
                .filter(helper -> !helper.isCalledOff())
                .forEach(helper -> begun.add(helper.done));
        CompletableFuture.allOf(begun.toArray(CompletableFuture<?>[]::new)).join();
    }

    private static IOException unwrapped(CompletionException e) {
        return switch (e.getCause()) {
            case IOException cause -> cause;
            case RuntimeException cause -> throw cause;
            case Error cause -> throw cause;
            case null, default -> throw e;
        };
    }

    /** Begins at most once: either the executor was first, or the caller no longer needs it. */
    private static final class Helper implements Runnable {

        private final Runnable work;
        private final AtomicBoolean taken = new AtomicBoolean();
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Helper(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            if (!taken.compareAndSet(false, true)) {
                return;
            }
            try {
                work.run();
                done.complete(null);
            } catch (CompletionException e) {
                done.completeExceptionally(e.getCause());
            }
        }

        /** Whether it never began, and from now on never will. */
        boolean isCalledOff() {
            return taken.compareAndSet(false, true);
        }
    }
}
