package dev.espalier.local.corpus;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.dom.Body;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.TextBody;
import org.apache.james.mime4j.message.BasicBodyFactory;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;
import org.jsoup.Jsoup;
import org.jspecify.annotations.Nullable;

/**
 * What a reader sees of a mail (RFC 5322, RFC 2045 to 2047): its subject and its body as plain
 * text.
 *
 * <p>All other headers are left out, and so is the list tag in front of the subject: they name the
 * filter's verdict ({@code X-Spam-Status}) or the mailing list, and a model would learn those
 * instead of the mail. Broken mail, and spam is broken often, is read as far as it goes.
 */
final class MailText {

    /** Longer than any model here reads; the rest of a mail is quoting and attachments. */
    static final int MAX_CHARS = 8_000;

    /** Raw bytes above 127 in mail that names no usable charset: what most such mail meant. */
    private static final Charset FALLBACK = Charset.forName("windows-1252");

    private static final Pattern LIST_TAG = Pattern.compile("\\[[^\\]]{1,40}]\\s*");
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}]+");
    private static final Pattern SPACE = Pattern.compile("[\\s\\u00a0]+");
    private static final Pattern HTML_BLOCK = Pattern.compile("(?is)<(html|body|table|p|br)\\b");

    private MailText() {}

    /**
     * @return one line, at most {@link #MAX_CHARS}; empty where the mail holds no text
     */
    static String of(byte[] mail) throws IOException {
        DefaultMessageBuilder builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(MimeConfig.PERMISSIVE);
        builder.setDecodeMonitor(DecodeMonitor.SILENT);
        builder.setBodyFactory(new BasicBodyFactory(FALLBACK));
        Message message = builder.parseMessage(withoutEnvelope(mail));
        return plain(withoutListTag(message.getSubject()) + "\n" + bodyText(message));
    }

    /** One line of visible characters, cut to {@link #MAX_CHARS}. */
    static String plain(String text) {
        String visible = INVISIBLE.matcher(text.strip()).replaceAll(" ");
        String line = SPACE.matcher(visible).replaceAll(" ").strip();
        return line.length() <= MAX_CHARS ? line : cut(line);
    }

    private static String cut(String line) {
        int end = Character.isHighSurrogate(line.charAt(MAX_CHARS - 1)) ? MAX_CHARS - 1 : MAX_CHARS;
        return line.substring(0, end);
    }

    /** The mbox line "From sender date" before the headers is no header. */
    private static ByteArrayInputStream withoutEnvelope(byte[] mail) {
        String start = new String(mail, 0, Math.min(5, mail.length), StandardCharsets.US_ASCII);
        int headers = 0;
        if (start.equals("From ")) {
            while (headers < mail.length && mail[headers++] != '\n') {
                // up to and including the line's end
            }
        }
        return new ByteArrayInputStream(mail, headers, mail.length - headers);
    }

    private static String withoutListTag(@Nullable String subject) {
        return subject == null ? "" : LIST_TAG.matcher(subject).replaceFirst("");
    }

    private static String bodyText(Entity entity) throws IOException {
        Body body = entity.getBody();
        if (body instanceof Multipart parts) {
            return partsText(parts, "alternative".equalsIgnoreCase(parts.getSubType()));
        }
        if (body instanceof Message forwarded) {
            return withoutListTag(forwarded.getSubject()) + "\n" + bodyText(forwarded);
        }
        if (body instanceof TextBody text && !"attachment".equals(entity.getDispositionType())) {
            return singleText(entity, text);
        }
        return "";
    }

    /** All text parts; of alternatives the first that says something, which is the plainest. */
    private static String partsText(Multipart parts, boolean alternatives) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Entity part : parts.getBodyParts()) {
            String text = bodyText(part);
            if (alternatives && !text.isBlank()) {
                return text;
            }
            all.append(text).append('\n');
        }
        return all.toString();
    }

    private static String singleText(Entity entity, TextBody body) throws IOException {
        String text = new String(bytes(body), charset(body));
        boolean html = "text/html".equals(entity.getMimeType()) || HTML_BLOCK.matcher(text).find();
        return html ? Jsoup.parse(text).body().text() : text;
    }

    private static byte[] bytes(TextBody body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        body.writeTo(bytes);
        return bytes.toByteArray();
    }

    /** Mail that says US-ASCII, or nothing, and has higher bytes anyway is common. */
    private static Charset charset(TextBody body) {
        Charset named = body.getCharset();
        return named.equals(StandardCharsets.US_ASCII) ? FALLBACK : named;
    }
}
