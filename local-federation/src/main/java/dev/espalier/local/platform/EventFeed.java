package dev.espalier.local.platform;

import dev.espalier.protocol.job.JobEvent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Server-sent events of one job (WHATWG HTML, 9.2). Remembers the last one it handed on, so that
 * reading again goes on behind it.
 */
public final class EventFeed {

    private final HttpClient http;
    private final URI source;
    private long last = -1;

    EventFeed(HttpClient http, URI source) {
        this.http = http;
        this.source = source;
    }

    /**
     * Hands on every event until the stream ends or breaks; either may happen at any time.
     *
     * @throws IOException where it broke, or the service refused
     */
    public void read(Consumer<JobEvent> listener) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(source)
                        .version(HttpClient.Version.HTTP_1_1)
                        .header("Accept", "text/event-stream");
        if (last >= 0) {
            request.header("Last-Event-ID", Long.toString(last));
        }
        HttpResponse<Stream<String>> answer = http.send(request.build(), BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            if (answer.statusCode() != 200) {
                throw new RefusedByService(source, answer.statusCode(), null);
            }
            read(lines.iterator(), listener);
        } catch (java.io.UncheckedIOException broken) {
            throw broken.getCause();
        }
    }

    /** Only the data matters: the event's name and id are in it too. */
    void read(Iterator<String> lines, Consumer<JobEvent> listener) {
        StringBuilder data = new StringBuilder();
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith("data:")) {
                data.append(line, "data:".length(), line.length()).append('\n');
            } else if (line.isEmpty() && !data.isEmpty()) {
                hand(JsonCalls.JSON.readValue(data.toString(), JobEvent.class), listener);
                data.setLength(0);
            }
        }
    }

    private void hand(JobEvent event, Consumer<JobEvent> listener) {
        if (event.sequence() > last) {
            last = event.sequence();
            listener.accept(event);
        }
    }
}
