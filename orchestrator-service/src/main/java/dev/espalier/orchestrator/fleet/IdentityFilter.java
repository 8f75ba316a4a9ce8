package dev.espalier.orchestrator.fleet;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** The one place where identity enters: turns {@code Authorization} into a {@link Caller}. */
@Component
class IdentityFilter extends OncePerRequestFilter {

    private static final String BEARER = "Bearer ";

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        request.setAttribute(Caller.ATTRIBUTE, caller(request));
        chain.doFilter(request, response);
    }

    private static Caller caller(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        boolean bearer =
                header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length());
        return bearer
                ? Caller.showing(header.substring(BEARER.length()).strip())
                : new Caller.Nobody();
    }
}
