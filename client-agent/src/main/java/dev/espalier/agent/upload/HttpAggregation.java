package dev.espalier.agent.upload;

import dev.espalier.agent.neighbour.Line;
import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.agent.neighbour.UnavailableException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.transfer.FileUpload;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** The aggregation service over HTTP. */
public final class HttpAggregation implements Aggregation {

    private static final String NAME = "aggregation-service";

    private final URI address;
    private final Line line;
    private final FileUpload upload;

    public HttpAggregation(URI address, Line line, FileUpload upload) {
        this.address = address;
        this.line = line;
        this.upload = upload;
    }

    @Override
    public void handIn(RoundId round, AgentName agent, String token, Path update, Digest digest)
            throws IOException, InterruptedException {
        URI target = URI.create("%s/api/v1/rounds/%s/updates/%s".formatted(address, round, agent));
        Map<String, String> headers =
                Map.of("Authorization", "Bearer " + token, "Repr-Digest", reprDigest(digest));
        HttpResponse<byte[]> answer = upload.send(update, target, headers);
        if (answer.statusCode() < 200 || answer.statusCode() >= 300) {
            throw judged(answer);
        }
    }

    private RuntimeException judged(HttpResponse<byte[]> answer) {
        Optional<Problem> problem = line.problem(answer.body());
        return problem.filter(found -> !found.worthRetrying())
                .<RuntimeException>map(found -> new RefusedException(NAME, found))
                .orElseGet(() ->
                        new UnavailableException(NAME + " answers with " + answer.statusCode()));
    }

    /** RFC 9530. */
    private static String reprDigest(Digest digest) {
        byte[] hash = HexFormat.of().parseHex(digest.hex());
        return "sha-256=:" + Base64.getEncoder().encodeToString(hash) + ":";
    }
}
