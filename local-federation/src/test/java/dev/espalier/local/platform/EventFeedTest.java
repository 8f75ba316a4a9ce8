package dev.espalier.local.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.job.JobEvent;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventFeedTest {

    private final EventFeed feed =
            new EventFeed(HttpClient.newHttpClient(), URI.create("http://127.0.0.1:9/events"));
    private final List<JobEvent> heard = new ArrayList<>();

    @Test
    void anEventIsItsDataWhateverStandsAround() {
        read(
                ":still here",
                "id:3",
                "event:round-started",
                "data:{\"sequence\":3,\"at\":\"2026-01-05T10:15:30.123Z\",\"type\":\"round-started\",",
                "data: \"message\":\"round 1\",\"data\":{\"round\":1},\"news\":true}",
                "",
                "",
                "data:{\"sequence\":4,\"at\":\"2026-01-05T10:15:31Z\",\"type\":\"x\",\"message\":\"m\",\"data\":{}}",
                "");

        assertThat(heard).extracting(JobEvent::sequence).containsExactly(3L, 4L);
        assertThat(heard.getFirst().data()).containsEntry("round", 1);
    }

    @Test
    void anEventThatBrokeOffIsNotHeard() {
        read("data:{\"sequence\":3,\"at\":");

        assertThat(heard).isEmpty();
    }

    @Test
    void anEventThatComesAgainIsHeardOnce() {
        String event =
                "data:{\"sequence\":7,\"at\":\"2026-01-05T10:15:31Z\",\"type\":\"x\",\"message\":\"m\",\"data\":{}}";

        read(event, "", event, "");

        assertThat(heard).hasSize(1);
    }

    private void read(String... lines) {
        feed.read(List.of(lines).iterator(), heard::add);
    }
}
