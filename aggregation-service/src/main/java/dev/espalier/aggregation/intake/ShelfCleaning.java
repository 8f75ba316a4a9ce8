package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.RoundEnded;
import dev.espalier.aggregation.session.Seats;
import dev.espalier.protocol.RoundId;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** Deletes the updates of rounds that have ended: at once, and what a crash left behind later. */
@Component
class ShelfCleaning {

    private static final Logger log = LoggerFactory.getLogger(ShelfCleaning.class);

    private final UpdateShelf shelf;
    private final Seats seats;

    ShelfCleaning(UpdateShelf shelf, Seats seats) {
        this.shelf = shelf;
        this.seats = seats;
    }

    @TransactionalEventListener
    void ended(RoundEnded event) {
        try {
            shelf.drop(event.round());
        } catch (IOException busy) {
            log.warn("updates not deleted yet round={} reason={}", event.round(), busy.toString());
        }
    }

    @Scheduled(initialDelayString = "PT30S", fixedDelayString = "PT1H")
    void sweep() throws IOException {
        for (RoundId round : shelf.rounds()) {
            if (!seats.isLive(round)) {
                shelf.drop(round);
                log.info("left-over updates deleted round={}", round);
            }
        }
    }
}
