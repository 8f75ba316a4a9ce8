package dev.espalier.transfer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;

/** Takes and gives one file as docs/protocol.md says, and fails on demand. */
final class Receiver implements AutoCloseable {

    private final HttpServer server;
    private final StagedUpload staged;
    private final List<String> requests = new ArrayList<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private byte[] offered = {};
    private boolean held;

    /** What goes wrong with the next body. */
    enum Fault {
        NOT_WELL,
        CUT_OFF,
        REFUSED,
        WRONG_BYTES
    }

    Receiver(Path folder) throws IOException {
        staged = StagedUpload.at(folder.resolve("staged"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/file", this::handle);
        server.start();
    }

    Receiver failing(Fault... next) {
        faults.addAll(List.of(next));
        return this;
    }

    /** All bytes came before; the last answer may have been lost. */
    Receiver holding(byte[] bytes, boolean checked) throws IOException {
        Files.write(staged.file(), bytes);
        held = checked;
        return this;
    }

    Receiver offering(byte[] bytes) {
        offered = bytes.clone();
        return this;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/file");
    }

    byte[] received() throws IOException {
        return Files.readAllBytes(staged.file());
    }

    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestMethod());
        try (exchange) {
            switch (exchange.getRequestMethod()) {
                case "HEAD" -> head(exchange);
                case "GET" -> get(exchange);
                default -> take(exchange);
            }
        }
    }

    private void head(HttpExchange exchange) throws IOException {
        if (!staged.exists()) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        exchange.getResponseHeaders().set("Upload-Offset", Long.toString(staged.offset()));
        exchange.sendResponseHeaders(held ? 200 : 204, -1);
    }

    private void take(HttpExchange exchange) throws IOException {
        Fault fault = faults.poll();
        if (fault == Fault.NOT_WELL || fault == Fault.REFUSED) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(fault == Fault.REFUSED ? 403 : 503, -1);
            return;
        }
        if (exchange.getRequestHeaders().getFirst("Content-Length") == null) {
            exchange.sendResponseHeaders(411, -1);
            return;
        }
        String offset = exchange.getRequestHeaders().getFirst("Upload-Offset");
        if (offset == null) {
            staged.delete();
        }
        long from = offset == null ? 0 : Long.parseLong(offset);
        if (fault == Fault.CUT_OFF) {
            staged.append(
                    from, new BoundedStream(exchange.getRequestBody(), 3), -1, Long.MAX_VALUE);
            throw new IOException("cut off on purpose");
        }
        answer(exchange, from);
    }

    private void answer(HttpExchange exchange, long from) throws IOException {
        long reached = staged.append(from, exchange.getRequestBody(), -1, Long.MAX_VALUE);
        String total = exchange.getRequestHeaders().getFirst("Upload-Length");
        boolean whole = total == null || reached == Long.parseLong(total);
        exchange.getResponseHeaders().set("Upload-Offset", Long.toString(reached));
        exchange.sendResponseHeaders(whole ? 201 : 204, -1);
    }

    private void get(HttpExchange exchange) throws IOException {
        Fault fault = faults.poll();
        if (fault == Fault.NOT_WELL || fault == Fault.REFUSED) {
            exchange.sendResponseHeaders(fault == Fault.REFUSED ? 404 : 503, -1);
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        byte[] bytes = Arrays.copyOfRange(offered, from, offered.length);
        if (fault == Fault.WRONG_BYTES) {
            bytes[0] ^= 1;
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length);
        try (InputStream none = InputStream.nullInputStream()) {
            none.transferTo(exchange.getResponseBody());
            exchange.getResponseBody().write(bytes, 0, fault == Fault.CUT_OFF ? 3 : bytes.length);
            exchange.getResponseBody().flush();
        }
    }
}
