package upstreamtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// ZabbixProblem is a problem in a Zabbix.
type ZabbixProblem struct {
	Acknowledged, Closed, Over bool
	Messages                   []string
	NotByHand                  bool // its trigger does not allow that it is closed by hand
}

// Zabbix is a stand-in for the API of a Zabbix frontend.
type Zabbix struct {
	// Version is what it says that it is; before 6.4 the token is in the body.
	Version string

	mu       sync.Mutex
	problems map[string]*ZabbixProblem // by the ids of events
	requests []string                  // methods
	away     int
	reads    bool // the token's role allows to read only
}

// NewZabbix has one with problems by the ids of their events.
func NewZabbix(version string, events ...string) *Zabbix {
	z := &Zabbix{Version: version, problems: map[string]*ZabbixProblem{}}
	for _, id := range events {
		z.problems[id] = &ZabbixProblem{}
	}
	return z
}

// Away has it answer with a status; 0: as it should.
func (z *Zabbix) Away(status int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.away = status
}

// ReadsOnly takes from the token's role what acknowledges.
func (z *Zabbix) ReadsOnly(so bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.reads = so
}

// Upgrade makes it another version.
func (z *Zabbix) Upgrade(version string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.Version = version
}

// Change changes a problem.
func (z *Zabbix) Change(event string, change func(p *ZabbixProblem)) {
	z.mu.Lock()
	defer z.mu.Unlock()
	change(z.problems[event])
}

// Problem is a problem as it is.
func (z *Zabbix) Problem(event string) ZabbixProblem {
	z.mu.Lock()
	defer z.mu.Unlock()
	p := *z.problems[event]
	p.Messages = slices.Clone(p.Messages)
	return p
}

// Requests are the methods that were called since the last call.
func (z *Zabbix) Requests() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	all := z.requests
	z.requests = nil
	return all
}

type zabbixAsk struct {
	JSONRPC string          `json:"jsonrpc"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Auth    *string         `json:"auth"`
	ID      json.RawMessage `json:"id"`
}

// ServeHTTP answers as a frontend does.
func (z *Zabbix) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch {
	case z.away != 0:
		w.WriteHeader(z.away)
		return
	case r.URL.Path != "/zabbix/api_jsonrpc.php":
		w.WriteHeader(http.StatusNotFound)
		return
	case r.Method != http.MethodPost || kind != "application/json-rpc" && kind != "application/json":
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	var ask zabbixAsk
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	if body.Decode(&ask) != nil || ask.JSONRPC != "2.0" || ask.Method == "" || len(ask.ID) == 0 || len(ask.Params) == 0 {
		zabbixRefuses(w, ask.ID, -32600, "Invalid request.", "The received JSON is not a valid JSON-RPC request.")
		return
	}
	z.requests = append(z.requests, ask.Method)
	z.answer(w, r, &ask)
}

func (z *Zabbix) answer(w http.ResponseWriter, r *http.Request, ask *zabbixAsk) {
	header := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	inHeader := !strings.HasPrefix(z.Version, "6.0") && !strings.HasPrefix(z.Version, "6.2")
	removed := inHeader && !strings.HasPrefix(z.Version, "6.4") && !strings.HasPrefix(z.Version, "7.0")
	token := header
	if !inHeader {
		if token = ""; ask.Auth != nil {
			token = *ask.Auth
		}
	}
	switch {
	case removed && ask.Auth != nil:
		zabbixRefuses(w, ask.ID, -32600, "Invalid request.", `Invalid parameter "/": unexpected parameter "auth".`)
	case ask.Method == "apiinfo.version" && (header != "" || ask.Auth != nil):
		zabbixRefuses(w, ask.ID, -32602, "Invalid params.", `The "apiinfo.version" method must be called without the "auth" parameter.`)
	case ask.Method == "apiinfo.version":
		zabbixSays(w, ask.ID, z.Version)
	case token != Token:
		zabbixRefuses(w, ask.ID, -32602, "Invalid params.", "Session terminated, re-login, please.")
	case ask.Method == "problem.get":
		z.get(w, ask)
	case ask.Method == "event.acknowledge":
		z.acknowledge(w, ask)
	default:
		zabbixRefuses(w, ask.ID, -32602, "Invalid params.", "Incorrect method \""+ask.Method+"\".")
	}
}

func (z *Zabbix) get(w http.ResponseWriter, ask *zabbixAsk) {
	var p struct {
		EventIDs           []string `json:"eventids"`
		Output             []string `json:"output"`
		SelectAcknowledges []string `json:"selectAcknowledges"`
	}
	if !strictly(ask.Params, &p) {
		zabbixRefuses(w, ask.ID, -32602, "Invalid params.", "Incorrect arguments passed to function.")
		return
	}
	found := []map[string]any{}
	for _, id := range p.EventIDs {
		of := z.problems[id]
		if of == nil || of.Over || of.Closed {
			continue
		}
		acts := []map[string]any{}
		for _, m := range of.Messages {
			acts = append(acts, map[string]any{"message": m})
		}
		acknowledged := "0"
		if of.Acknowledged {
			acknowledged = "1"
		}
		found = append(found, map[string]any{"eventid": id, "acknowledged": acknowledged, "acknowledges": acts})
	}
	zabbixSays(w, ask.ID, found)
}

func (z *Zabbix) acknowledge(w http.ResponseWriter, ask *zabbixAsk) {
	var p struct {
		EventIDs []string `json:"eventids"`
		Action   int      `json:"action"`
		Message  string   `json:"message"`
	}
	const known = 1 | 2 | 4 | 16
	wrong := func(data string) { zabbixRefuses(w, ask.ID, -32602, "Invalid params.", data) }
	switch {
	case !strictly(ask.Params, &p) || len(p.EventIDs) == 0:
		wrong("Incorrect arguments passed to function.")
		return
	case p.Action&^known != 0, p.Action&2 != 0 && p.Action&16 != 0:
		wrong(`Incorrect value for field "action": unexpected value.`)
		return
	case p.Action&4 != 0 && p.Message == "":
		wrong(`Incorrect value for field "message": cannot be empty.`)
		return
	case z.reads:
		wrong(`Incorrect value for field "action": no permissions to acknowledge problems.`)
		return
	}
	for _, id := range p.EventIDs {
		of := z.problems[id]
		if of == nil {
			zabbixRefuses(w, ask.ID, -32500, "Application error.", "No permissions to referred object or it does not exist!")
			return
		}
		if p.Action&1 != 0 && of.NotByHand {
			wrong("Cannot close problem: trigger does not allow manual closing.")
			return
		}
	}
	for _, id := range p.EventIDs {
		of := z.problems[id]
		of.Closed = of.Closed || p.Action&1 != 0
		of.Acknowledged = (of.Acknowledged || p.Action&2 != 0) && p.Action&16 == 0
		if p.Action&4 != 0 {
			of.Messages = append(of.Messages, p.Message)
		}
	}
	zabbixSays(w, ask.ID, map[string]any{"eventids": p.EventIDs})
}

func strictly(text []byte, into any) bool {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	return d.Decode(into) == nil
}

func zabbixSays(w http.ResponseWriter, id json.RawMessage, result any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "result": result, "id": id})
}

func zabbixRefuses(w http.ResponseWriter, id json.RawMessage, code int, message, data string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "error": map[string]any{"code": code, "message": message, "data": data}, "id": id})
}
