package daemon

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/web"
)

// routes puts the parts' paths together.
func (d *Daemon) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, part := range d.parts() {
		mux.Handle(pattern, part)
	}
	return d.watched(mux)
}

// parts are the handlers, by the patterns that they answer.
func (d *Daemon) parts() map[string]http.Handler {
	own := d.web.Handler()
	links := own
	if d.spool != nil {
		links = d.spool.Links(own, d.away.Handler())
	}
	rest := d.opts.Pages
	if rest == nil {
		rest = http.HandlerFunc(nothingHere)
	}
	parts := map[string]http.Handler{
		"/ingest/": d.ingest, "/v2/": d.ingest, "/generic/": d.ingest, "/jsm/": d.ingest, "/twilio/": &d.hooks, "/sms/": &d.hooks, "/chat/": &d.chatDoors, "/a/": links, "/r/": own, "/push/": own,
		"/api/": own, "/healthz": own, "/readyz": own,
		"GET /metrics": promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{}),
		"/":            http.NewCrossOriginProtection().Handler(rest),
	}
	for _, path := range heartbeat.Paths {
		parts[path] = d.pulse.door
	}
	for _, path := range d.web.Mounted() {
		if strings.HasPrefix(path, "/api/") {
			continue // it belongs to the API's own line
		}
		if path != "/{$}" || d.opts.Pages == nil { // the demo's own page stays
			parts[path] = own
		}
	}
	if d.spool != nil {
		for _, path := range d.ledAway() {
			if path != "/{$}" || d.opts.Pages == nil {
				parts[path] = d.spool.Lead(own, d.away.Handler())
			}
		}
	}
	return parts
}

func nothingHere(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_, _ = io.WriteString(w, `{"error":{"code":"no_such_path","message":"there is nothing at this path"}}`+"\n") // the client is gone: nothing to do about it
}

// privatePaths are answered at the private address alone, if there is one.
var privatePaths = []string{"/metrics", "/readyz", "/sources", "/sources/{name}", "/health"}

// publicOnly answers what the internet may see if there is a private address.
// It answers that there is nothing at each of privatePaths. Of the API, the
// internet may use what people who are signed in use: tokens are for inside.
func (d *Daemon) publicOnly(all http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, path := range privatePaths {
		mux.HandleFunc(path, nothingHere)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { all.ServeHTTP(w, web.Outside(r)) })
	return mux
}

// client is the address that asks. If the request came through a trusted
// proxy, it is the last address in X-Forwarded-For that is not a trusted
// proxy's.
func (d *Daemon) client(r *http.Request) string {
	trusted := d.trusted()
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(trusted, address); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop.Unmap()
	}
	return address.String()
}

// trusted are the proxies whose X-Forwarded-For counts.
func (d *Daemon) trusted() []netip.Prefix {
	if list := d.proxies.Load(); list != nil {
		return *list
	}
	return nil
}

func isTrusted(trusted []netip.Prefix, a netip.Addr) bool {
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status and passes it on.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

const publicTimeout = 10 * time.Second

// checkPublicURL fetches the daemon's own health by public_url, as a phone or
// a provider would, and says whether that works.
func (d *Daemon) checkPublicURL(ctx context.Context) {
	d.mu.Lock()
	public := d.config.Server.PublicURL
	d.mu.Unlock()
	if public == "" {
		return
	}
	err := fetchHealth(ctx, public+"/healthz")
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.metrics.public.Set(0)
		d.log.Warn("the daemon does not reach itself through public_url: links, receipts and answers by SMS may not arrive (or this machine just cannot see its own public address)",
			zap.String("public_url", public), zap.Error(err))
		return
	}
	d.metrics.public.Set(1)
	d.log.Info("public_url works", zap.String("public_url", public))
}

func fetchHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, publicTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("daemon: public_url: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("daemon: public_url: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("daemon: public_url: %s", resp.Status)
	}
	return nil
}
