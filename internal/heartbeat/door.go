package heartbeat

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Paths are where beats are taken: our own addresses, those of healthchecks.io's pings, and
// those of Opsgenie's and of its successor's: the last is where that one's own
// documentation pings.
var Paths = []string{"/heartbeat/", "/ping/", "/v2/heartbeats/", "/jsm/ops/integration/v2/heartbeats/", "/jsm/ops/api/"}

// Door takes beats by HTTP. A beat is answered as taken once it is written down. It is safe
// for concurrent use.
type Door struct {
	keeper   *Keeper
	log      *zap.Logger
	requests *prometheus.CounterVec
}

// NewDoor makes a Door. registerer may be nil.
func NewDoor(k *Keeper, log *zap.Logger, registerer prometheus.Registerer) *Door {
	d := &Door{keeper: k, log: log, requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "astreinte_heartbeat_requests_total", Help: "Requests of heartbeats, by heartbeat and status of the answer; unknown where the token is none's, \"by hand\" for all that people made: their names are no labels.",
	}, []string{"heartbeat", "code"})}
	if registerer != nil {
		registerer.MustRegister(d.requests)
	}
	return d
}

// byHand stands in metrics for the heartbeats that people made: whoever makes and ends
// them would make series without end. No heartbeat has such a name.
const byHand = "by hand"

// call is one request.
type call struct {
	form  *form
	name  string // of the heartbeat; empty: its token says which
	token string
	sign  Sign
	text  string
	began time.Time
}

// form is one of the ways to beat.
type form struct {
	methods []string
	read    func(c *call, r *http.Request, rest []string) error // of the path, below the form's own
	taken   func(c *call, w http.ResponseWriter, now time.Time)
	wrong   func(c *call, w http.ResponseWriter, now time.Time, status int, code, message string)
}

// refusal is why a request is not taken.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.message }

var errToken = &refusal{http.StatusUnauthorized, "unauthorized", "the heartbeat's token is wanted: as a bearer, as the password of basic authentication, or as ?token="}

// errUnread says that nobody knows yet which heartbeats people made.
var errUnread = errors.New("heartbeat: those made by hand could not be read yet")

// ServeHTTP takes a beat.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{sign: SignBeat, began: d.keeper.Engine.Now()}
	rest := c.formOf(r.URL.Path)
	h, err := d.hear(c, r, rest)
	name, status := "unknown", http.StatusOK
	label := name
	if h != nil {
		name, label = h.Name, byHand
		if h.Configured {
			label = h.Name
		}
	}
	seen := &recorded{ResponseWriter: w}
	var no *refusal
	switch {
	case err == nil:
		c.form.taken(c, seen, d.keeper.Engine.Now())
	case errors.As(err, &no):
		if no.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", strings.Join(c.form.methods, ", "))
		}
		c.form.wrong(c, seen, d.keeper.Engine.Now(), no.status, no.code, no.message)
	default:
		d.log.Error("a heartbeat could not be written down: its sender is asked to send it again", zap.String("heartbeat", name), zap.Error(err))
		w.Header().Set("Retry-After", "5")
		c.form.wrong(c, seen, d.keeper.Engine.Now(), http.StatusServiceUnavailable, "not_durable", "the heartbeat could not be written down: send it again")
	}
	if seen.status != 0 {
		status = seen.status
	}
	d.requests.WithLabelValues(label, strconv.Itoa(status)).Inc()
}

// recorded notes the status that is answered.
type recorded struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status and passes it on.
func (r *recorded) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// hear does a request. The heartbeat is nil unless the token is its own.
func (d *Door) hear(c *call, r *http.Request, rest []string) (*Heartbeat, error) {
	if !slices.Contains(c.form.methods, r.Method) {
		return nil, &refusal{http.StatusMethodNotAllowed, "method_not_allowed", "send it by " + strings.Join(c.form.methods, ", ")}
	}
	if err := c.form.read(c, r, rest); err != nil {
		return nil, err
	}
	h, err := d.find(r, c)
	if err != nil {
		return nil, err
	}
	if r.Body != nil && c.sign == SignFail {
		text, _ := io.ReadAll(io.LimitReader(r.Body, ticket.MaxHeartbeatText)) // what came of it
		c.text = strings.TrimSpace(c.text + "\n" + strings.ToValidUTF8(string(text), "\ufffd"))
	}
	return h, d.keeper.Hear(r.Context(), h, c.sign, c.text)
}

// find finds the heartbeat of a request by its token. Whether there is one of that name
// shows in no answer.
func (d *Door) find(r *http.Request, c *call) (*Heartbeat, error) {
	if c.token == "" || len(c.token) > ticket.MaxURL {
		return nil, errToken
	}
	key, now := KeyOf(c.token), d.keeper.Engine.Now()
	for {
		var found []*Heartbeat
		for _, h := range d.keeper.Book.table().keys[key] { // whoever sees how long it takes learns of a hash, not of a token
			if c.name == "" || h.Name == c.name {
				found = append(found, h)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return nil, &refusal{http.StatusConflict, "ambiguous", "several heartbeats have this token: name one of them"}
		}
		if again, read := d.keeper.Book.stale(now); !again {
			if read {
				return nil, errToken
			}
			return nil, errUnread
		}
		if err := d.keeper.Book.Learn(r.Context(), now); err != nil { // another daemon may have made it
			return nil, err
		}
	}
}

// formOf finds the form of a path, and the rest of the path.
func (c *call) formOf(path string) (rest []string) {
	for i, under := range Paths {
		if below, ok := strings.CutPrefix(path, under); ok {
			c.form = [...]*form{&ownForm, &pingForm, &genieForm, &genieForm, &teamForm}[i]
			return strings.Split(strings.TrimSuffix(below, "/"), "/")
		}
	}
	c.form = &ownForm
	return nil
}

// bearer is the token of a request, as those of sources come.
func bearer(r *http.Request, schemes ...string) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		for _, s := range schemes {
			if strings.EqualFold(scheme, s) {
				return strings.TrimSpace(token)
			}
		}
	}
	return r.URL.Query().Get("token")
}

// ownForm is /heartbeat/NAME, /heartbeat/NAME/fail, …
var ownForm = form{
	methods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
	read: func(c *call, r *http.Request, rest []string) error {
		c.token = bearer(r, "Bearer")
		if len(rest) == 0 || len(rest) > 2 || rest[0] == "" {
			return errToken // whoever guesses learns nothing
		}
		c.name = rest[0]
		if len(rest) == 2 && !c.signed(rest[1]) {
			return errToken
		}
		return nil
	},
	taken: func(_ *call, w http.ResponseWriter, _ time.Time) { plainly(w, http.StatusOK, "OK\n") },
	wrong: func(_ *call, w http.ResponseWriter, _ time.Time, status int, code, message string) {
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="astreinte"`)
		}
		asJSON(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
	},
}

// signed reads the end of a path: a sign's word, or the exit status of a program.
func (c *call) signed(word string) bool {
	if sign, ok := signs[word]; ok {
		c.sign = sign
		return true
	}
	status, err := strconv.ParseUint(word, 10, 8)
	if err != nil {
		return false
	}
	if status != 0 {
		c.sign, c.text = SignFail, fmt.Sprintf("exit status %d", status)
	}
	return true
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// pingForm is healthchecks.io's: /ping/KEY, /ping/KEY/fail, /ping/KEY/NAME, /ping/KEY/NAME/3, …
// (https://healthchecks.io/docs/http_api/)
var pingForm = form{
	methods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
	read: func(c *call, r *http.Request, rest []string) error {
		if run := r.URL.Query().Get("rid"); run != "" && !uuidForm.MatchString(run) {
			return &refusal{http.StatusBadRequest, "bad_request", "invalid uuid format"}
		}
		c.token = rest[0]
		switch rest := rest[1:]; len(rest) {
		case 0:
		case 1:
			if !c.signed(rest[0]) {
				c.name = rest[0]
			}
		case 2:
			c.name = rest[0]
			if !c.signed(rest[1]) {
				return &refusal{http.StatusBadRequest, "bad_request", "invalid url format"}
			}
		default:
			return errToken
		}
		return nil
	},
	taken: func(_ *call, w http.ResponseWriter, _ time.Time) {
		w.Header().Set("Ping-Body-Limit", strconv.Itoa(ticket.MaxHeartbeatText))
		plainly(w, http.StatusOK, "OK")
	},
	wrong: func(_ *call, w http.ResponseWriter, _ time.Time, status int, code, message string) {
		switch {
		case status == http.StatusUnauthorized:
			status, message = http.StatusNotFound, "not found"
		case code == "ambiguous":
			message = "ambiguous slug"
		}
		plainly(w, status, message)
	},
}

// genieForm is Opsgenie's: /v2/heartbeats/NAME/ping with its GenieKey
// (https://docs.opsgenie.com/docs/heartbeat-api).
var genieForm = form{
	methods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch},
	read: func(c *call, r *http.Request, rest []string) error {
		c.token = bearer(r, "GenieKey", "Bearer")
		if len(rest) != 2 || rest[1] != "ping" || rest[0] == "" {
			return &refusal{http.StatusNotFound, "not_found", "Heartbeats are only pinged here: /v2/heartbeats/NAME/ping"}
		}
		c.name = rest[0]
		return nil
	},
	taken: func(c *call, w http.ResponseWriter, now time.Time) {
		asJSON(w, http.StatusAccepted, map[string]any{"result": "PONG - Heartbeat received", "took": c.took(now), "requestId": requestID()})
	},
	wrong: func(c *call, w http.ResponseWriter, now time.Time, status int, _, message string) {
		if status == http.StatusUnauthorized {
			message = "Could not authenticate"
		}
		asJSON(w, status, map[string]any{"message": message, "took": c.took(now), "requestId": requestID()})
	},
}

// teamForm is that of Opsgenie's successor: a GET of
// /jsm/ops/api/CLOUD/v1/teams/TEAM/heartbeats/ping?name=NAME with a mail address and a token
// by basic authentication. Which cloud and team is not looked at.
// (https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2/api-group-heartbeats/)
var teamForm = form{
	methods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
	read: func(c *call, r *http.Request, rest []string) error {
		c.token = bearer(r, "GenieKey", "Bearer")
		if len(rest) != 6 || rest[1] != "v1" || rest[2] != "teams" || rest[4] != "heartbeats" || rest[5] != "ping" {
			return &refusal{http.StatusNotFound, "not_found", "Heartbeats are only pinged here: /jsm/ops/api/CLOUD/v1/teams/TEAM/heartbeats/ping?name=NAME"}
		}
		if c.name = r.URL.Query().Get("name"); c.name == "" {
			return &refusal{http.StatusUnprocessableEntity, "bad_request", "name is wanted: that of the heartbeat"}
		}
		return nil
	},
	taken: genieForm.taken, wrong: genieForm.wrong,
}

// took is how long a request has taken, in seconds.
func (c *call) took(now time.Time) float64 {
	return math.Round(max(0, now.Sub(c.began).Seconds())*1000) / 1000
}

// requestID is a UUID by chance.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func plainly(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client is gone: nothing to do about it
}

func asJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nothing to do about it
}
