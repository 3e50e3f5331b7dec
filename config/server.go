package config

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (r *reader) server(v value) Server {
	t := v.table()
	s := Server{
		Listen:    t.get("listen").listen(DefaultListen),
		PublicURL: strings.TrimRight(t.get("public_url").address(), "/"),
	}
	if !t.child("public_url").given() && len(r.channels) > 0 {
		t.child("public_url").errorf("the address under which phones reach this daemon wanted: the links in pages lead there")
	}
	for _, item := range t.get("trusted_proxies").list() {
		if p, ok := item.network(); ok {
			s.TrustedProxies = append(s.TrustedProxies, p)
			item.warnWide(p)
		}
	}
	private := t.get("private_listen")
	if s.PrivateListen = private.listen(""); s.PrivateListen != "" && s.PrivateListen == s.Listen && !strings.HasSuffix(s.Listen, ":0") {
		private.errorf("it is server.listen itself: an address of its own wanted, such as 127.0.0.1:8081")
	}
	s.TLS = r.tls(t.get("tls"))
	s.MaxConnections = t.get("max_connections").integer(0, fewestConnections)
	s.MinFree = t.get("min_free").room(DefaultMinFree)
	t.done()
	return s
}

// fewestConnections is how many the daemon needs to be of use: a proxy and the
// monitoring keep some open.
const fewestConnections = 16

// tls reads the names of a certificate and its key, and tries them.
func (r *reader) tls(v value) *TLS {
	if !v.given() {
		return nil
	}
	t := v.table()
	certificate := t.need("certificate", "the file of the certificate and its chain, in PEM form,")
	key := t.need("key", "the file of the certificate's key, in PEM form,")
	t.done()
	certificate.note(noteType, "file")
	key.note(noteType, "file")
	public, ok := certificate.text()
	secret, both := key.text()
	if !ok || !both {
		return nil
	}
	files := &TLS{Certificate: r.resolve(public), Key: r.resolve(secret)}
	for _, f := range []struct {
		at   value
		path string
	}{{certificate, files.Certificate}, {key, files.Key}} {
		if _, err := os.ReadFile(f.path); err != nil {
			var at *fs.PathError
			if errors.As(err, &at) {
				err = at.Err // we name the path ourselves
			}
			f.at.errorf("cannot read the file %s: %v", f.path, err)
			both = false
		}
	}
	if !both {
		return files
	}
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	switch {
	case err != nil:
		v.errorf("certificate and key cannot be used: %s", strings.TrimPrefix(err.Error(), "tls: "))
	case r.opts.Now.After(pair.Leaf.NotAfter):
		certificate.warnf("the certificate ended on %s", pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return files
}

// listen reads an address to listen at.
func (v value) listen(otherwise string) string {
	v.note(noteDefault, otherwise)
	v.note(noteType, "host:port")
	text, ok := v.text()
	if !ok {
		return otherwise
	}
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || strings.ContainsAny(host, "/@ ") {
		v.errorf("%q is no address to listen at: write :8080 or 127.0.0.1:8080", text)
		return otherwise
	}
	return text
}

// address reads an absolute http or https URL that can be put before a path.
func (v value) address() string {
	v.note(noteType, "address, http or https")
	text, ok := v.text()
	if !ok {
		return ""
	}
	if err := checkAddress(text); err != nil {
		v.errorf("%v", err)
		return ""
	}
	v.warnPlain(text)
	return text
}

// checkAddress checks an address. It never quotes it: it may hold a password.
func checkAddress(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("not an absolute address: http://host or https://host wanted")
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return errors.New("an address of scheme, host and path wanted: nothing before an @, no ? and no #")
	}
	if port := u.Port(); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return errors.New("its port is not from 0 to 65535")
		}
	}
	return nil
}

func (v value) network() (netip.Prefix, bool) {
	v.note(noteType, "address or network")
	text, ok := v.text()
	if !ok {
		return netip.Prefix{}, false
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		v.errorf("%q is no network like 10.0.0.0/8", text)
		return p, false
	}
	return p.Masked(), true
}

var storeSchemes = []string{"redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"}

// store reads the store's URL. No message quotes it: it may hold a password.
func (r *reader) store(v value) string {
	v.note(noteType, "address of a store")
	text := v.textOr(DefaultStore)
	if path, ok := strings.CutPrefix(text, "bolt:"); ok {
		if path == "" || strings.HasPrefix(path, "//") {
			v.errorf("bolt: and the path of a file wanted, like %s", DefaultStore)
			return text
		}
		return "bolt:" + filepath.Clean(r.resolve(path))
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || !slices.Contains(storeSchemes, scheme) {
		v.errorf("no such store: bolt:PATH, redis://, rediss://, redis+sentinel:// or redis+cluster:// wanted")
		return text
	}
	rest, _, _ = strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(rest[strings.LastIndex(rest, "@")+1:], "/")
	if strings.Contains(rest, "@") || strings.Contains(text, "password=") {
		v.inline()
	}
	if strings.Trim(hosts, ", ") == "" || slices.Contains(strings.Split(hosts, ","), "") {
		v.errorf("%s:// and host:port wanted", scheme)
		return text
	}
	if strings.HasSuffix(scheme, "sentinel") && strings.Trim(path, "/") == "" {
		v.errorf("after the sentinels the name of the primary is wanted: %s://host:26379/mymaster", scheme)
		return text
	}
	v.warnOpen(scheme, hosts)
	if r.opts.Store != nil {
		if err := r.opts.Store(text); err != nil {
			v.errorf("%v", err)
		}
	}
	return text
}

// The values of durability.
const (
	DurabilityLocal      = "local"
	DurabilityReplicated = "replicated"
)

func (r *reader) durability(v value, store string) string {
	v.note(noteDefault, DurabilityLocal)
	d := v.oneOf("durability", DurabilityLocal, DurabilityReplicated)
	if d == DurabilityReplicated && strings.HasPrefix(store, "bolt:") {
		v.errorf("a file has no replicas: local, or leave it out; replicated is for a store on Redis")
	}
	if d == "" {
		return DurabilityLocal
	}
	return d
}

// spool reads the folder in which alerts wait while the store, if it is a
// server, is away.
func (r *reader) spool(v value, store string) string {
	v.note(noteType, "folder")
	text, ok := v.text()
	switch {
	case !ok:
		return ""
	case strings.HasPrefix(store, "bolt:"):
		v.errorf("it is for a store that can be away, and store is a file: leave it out")
	}
	return r.resolve(text)
}

// attachments reads the folder of attached files. Beside a store that is a file there
// is one; daemons that share a store on Redis share a folder that somebody names.
func (r *reader) attachments(v value, store string) string {
	v.note(noteType, "dir: and a folder")
	otherwise := ""
	if file, ok := strings.CutPrefix(store, "bolt:"); ok {
		otherwise = filepath.Join(filepath.Dir(file), "attachments")
		v.note(noteDefault, "attachments, beside the store")
	}
	text, ok := v.text()
	if !ok {
		return otherwise
	}
	path, ok := strings.CutPrefix(text, "dir:")
	if !ok || path == "" || strings.HasPrefix(path, "//") {
		v.errorf("dir: and the path of a folder wanted, like dir:data/attachments")
		return otherwise
	}
	return filepath.Clean(r.resolve(path))
}

// leastRetention is longer than the links of a closed ticket still work
// (ticket.LinkRests).
const leastRetention = 31 * 24 * time.Hour

// retention reads how long to keep what is over.
func (r *reader) retention(v value) Retention {
	t := v.table()
	tickets := t.get("tickets")
	keep := Retention{Tickets: tickets.duration(DefaultRetention, 0)}
	if keep.Tickets < leastRetention {
		tickets.errorf("31d at least: the links of a closed ticket say for 30 days that it is over")
		keep.Tickets = leastRetention
	}
	for _, part := range []struct {
		name string
		is   *time.Duration
	}{{"pages", &keep.Pages}, {"personal", &keep.Personal}} {
		v := t.get(part.name)
		switch *part.is = v.duration(keep.Tickets, 0); {
		case *part.is < leastRetention:
			v.errorf("31d at least")
		case *part.is > keep.Tickets:
			v.errorf("longer than retention.tickets: they leave with their ticket")
		}
	}
	audit := t.get("audit")
	if keep.Audit = audit.duration(DefaultRetention, 0); keep.Audit < leastRetention {
		audit.errorf("31d at least")
	}
	t.done()
	return keep
}

func (r *reader) timeZone(v value) {
	v.note(noteType, "time zone")
	if loc, ok := v.zone(v.textOr("UTC")); ok {
		r.location = loc
	}
}

func (v value) zone(name string) (*time.Location, bool) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		v.errorf("no time zone named %q: write Europe/Paris or UTC", name)
		return nil, false
	}
	return loc, true
}

var languages = []string{"en", "fr", "it"}

func (v value) language(otherwise string) string {
	v.note(noteDefault, otherwise)
	if l := v.oneOf("language", languages...); l != "" {
		return l
	}
	return otherwise
}
