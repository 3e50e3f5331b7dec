package config

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/probe"
	"github.com/astreinte/astreinte/paging/gateway"
)

// Config is everything that the daemon needs, resolved: names are checked,
// defaults filled in, secrets read, paths absolute. Printing or encoding it
// shows no secret. Store, which may hold a password, must not be printed
// alone: see [Config.StoreName].
type Config struct {
	Rules  *escalation.Rules
	Server Server
	Store  string // its URL; the path of bolt: is absolute
	// Durability says what a 2xx promises on a Redis that fails over. local: the
	// primary has it. replicated: a replica has it too.
	Durability string
	// Spool is the absolute path of the folder of alerts that wait for the store;
	// empty: there is none.
	Spool string
	// Archive is the archive's address, or ArchiveNone; the path of sqlite: is
	// absolute. Like Store, it may hold a password.
	Archive string
	// Attachments is the absolute path of the folder of the files that people attach to
	// tickets; empty: none can be attached.
	Attachments string
	// EvidenceTo are the addresses that the heads of days are mailed to.
	EvidenceTo []string
	// Retention is how long to keep what is over.
	Retention Retention
	// Look is when managers are told what is doubtful of the coming months.
	Look Look
	// Business is the calendar of the desk's own working hours; empty: there is none.
	Business string
	Sources  []Source
	Channels
	Tokens []Token
	SignIn SignIn
	ICals  []ICal // of the groups whose rotation is kept elsewhere
	// DutyReport is how duty is counted afterwards.
	DutyReport DutyReport
	// MailIn is how mails come in; nil: none do.
	MailIn     *MailIn
	Webhooks   []Webhook  // the receivers; Rules.Webhooks has their rules, in the same order
	Chat       []ChatRoom // Rules.Rooms has their rules, in the same order
	Heartbeats []Heartbeat
	// HeartbeatTo is who is called while this daemon is well.
	HeartbeatTo []HeartbeatTo
	// Probes look at what no tool is asked about, in RecheckNetworks alone.
	Probes          []probe.Spec
	RecheckNetworks []netip.Prefix
}

// Heartbeat is what must be heard of.
type Heartbeat struct {
	Name    string
	Every   time.Duration     // it beats at least as often
	Grace   time.Duration     // … and so much later it is late
	RunsFor time.Duration     // a run that begins ends within it; 0: however long it takes
	Token   Secret            // empty: only alerts beat it
	Labels  map[string]string // of its alert
	From    *BeatFrom         // nil: no alerts beat it
}

// BeatFrom are alerts of a source that beat a heartbeat.
type BeatFrom struct {
	Source   string
	Matchers labels.Matchers
}

// HeartbeatTo is an address that is called every so often while this daemon is well.
type HeartbeatTo struct {
	URL   Secret // absolute; it may hold a secret
	Every time.Duration
}

// Webhook is a web server that is told what happens to tickets.
type Webhook struct {
	Name   string // unique
	URL    Secret // absolute; its query may hold a secret
	Secret Secret // signs what is sent
}

// Look is a time of day, by the clocks of the desk, on days of business.
type Look struct {
	Off          bool
	Hour, Minute int
}

// Retention is how long to keep what is over.
type Retention struct {
	Tickets  time.Duration // closed ones, counted from their closing; 0: for ever
	Pages    time.Duration // of closed tickets, in the archive; Tickets at most
	Personal time.Duration // who is on closed tickets, in the archive, and contacts that ended; Tickets at most
	Audit    time.Duration // lines of the audit log
}

// Server is where the daemon listens and how it is reached.
type Server struct {
	Listen         string         // host:port, the host may be empty
	PrivateListen  string         // host:port for what is not for the internet; empty: Listen answers everything
	PublicURL      string         // absolute, without a slash at the end; empty only if no channel is configured
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts
	TLS            *TLS           // nil: plain HTTP
	MaxConnections int            // 0: as many as descriptors allow
	MinFree        int64          // bytes of a disk that what grows beside paging leaves free
}

// TLS names two files: a certificate with its chain, and its key.
type TLS struct{ Certificate, Key string }

// Source is one monitoring tool that posts alerts.
type Source struct {
	Name           string
	Type           string // of a tool in package ingest's table
	Customer       string // key; empty: each alert says
	Token          Secret
	MaxBody        int64 // bytes of a request
	MaxAlerts      int   // the most alerts that a request may bring
	ResolveTimeout time.Duration
	Labels         map[string]string // added to what it sends
	Networks       []netip.Prefix    // where it may post from; none: anywhere
	SilentAfter    time.Duration     // an alert says that it was not heard of for so long; 0: none does
	Mapping        *ingest.Mapping   // what its JSON means; nil: its type says
	Recheck        *Tool             // the tool that is asked again about its alerts; nil: none is
	WriteBack      *WriteBack        // where its tool is told who has a ticket; nil: nowhere
}

// Ingest is the source as package ingest needs it.
func (s *Source) Ingest() ingest.Source {
	return ingest.Source{
		Name: s.Name, Type: s.Type, Token: s.Token.Reveal(), Labels: s.Labels, Networks: s.Networks, Mapping: s.Mapping,
		MaxBody: s.MaxBody, MaxAlerts: s.MaxAlerts, ResolveTimeout: s.ResolveTimeout,
	}
}

// SMS is how texts are sent.
type SMS struct {
	SMSProvider
	// BundleOver is how many unsent texts of one urgency a person may have.
	// Beyond it, several become one. 0: every ticket has its own text.
	BundleOver int
	Fallback   *SMSProvider // takes over if the first fails; nil: nobody
}

// SMSProvider is one account that sends texts. Provider says which of the two.
type SMSProvider struct {
	Provider string // twilio or http
	Replies  string // "none", or "same": answers come to the sender's number
	Twilio   Twilio
	HTTP     Gateway
}

// Twilio is an account with Twilio. Either MessagingServiceSID or From is
// given.
type Twilio struct {
	AccountSID          string
	AuthToken           Secret
	MessagingServiceSID string
	From                string
	BaseURL             string  // empty: the provider's own
	Rate                float64 // messages a second; 0: no pace
}

// Gateway is an account with any provider that has an HTTP API.
type Gateway struct {
	Name    string // in the paths of its webhooks and in metrics
	From    string // the sender, for the templates; may be empty
	Rate    float64
	Spec    gateway.Spec
	Secrets map[string]Secret // by the names that the Spec uses
}

// Token is one key to the API.
type Token struct {
	Name  string
	Role  string // admin, manager, technician or reader
	Token Secret
	// Person is the key of the person whose token it is; empty: nobody's. A
	// manager's or an admin's token may act for anybody.
	Person string
}

// Defaults of keys that may be left out.
const (
	DefaultListen         = ":8080"
	DefaultStore          = "bolt:data/astreinte.db"
	DefaultMaxBody        = 8 << 20
	DefaultMaxAlerts      = 10000
	DefaultMaxOpen        = 5000    // tickets of a source that are open
	DefaultMaxRate        = 3000    // new tickets of a source in a minute
	DefaultMaxKept        = 200_000 // alerts of a source whose tickets are not closed
	DefaultResolveTimeout = 5 * time.Minute
	DefaultBundleOver     = 3
	DefaultRetention      = 400 * 24 * time.Hour // of closed tickets, and of the audit log
	DefaultSession        = 12 * time.Hour       // without a request
	DefaultGateway        = "http"               // the name of a gateway
	DefaultLongNumberRate = 1.0                  // messages a second of a sender that is an E.164 number
)

// StoreName is the store's URL without its secrets.
func (c *Config) StoreName() string { return withoutSecret(c.Store) }

// withoutSecret hides what stands before the @ and after the ? of a URL.
func withoutSecret(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	rest, _, query := strings.Cut(rest, "?")
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = hidden + rest[i:]
	}
	if query {
		rest += "?" + hidden
	}
	return scheme + "://" + rest
}

// bare has no methods, so that formatting it does not come back here.
type bare Config

func (c Config) bare() bare {
	b := bare(c)
	b.Store, b.Archive = c.StoreName(), c.ArchiveName()
	return b
}

// Format prints the settings without a secret, whatever the verb.
func (c Config) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), c.bare())
}

// MarshalJSON writes the settings without a secret.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.bare()) }

// MarshalYAML gives the settings without a secret.
func (c Config) MarshalYAML() (any, error) { return c.bare(), nil }
