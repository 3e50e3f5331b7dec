package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Zabbix is the API of a Zabbix frontend, 6.0 or later. URL is the frontend's; Token is
// an API token. A frontend before 6.4 wants the token in the body, a later one in a
// header, so each Zabbix asks for the version first.
type Zabbix struct {
	*Client
	mu      sync.Mutex
	version [2]int // major and minor; zero: not asked yet
}

// NewZabbix makes one.
func NewZabbix(o Options) *Zabbix {
	o.User = ""
	return &Zabbix{Client: NewClient(o)}
}

// The oldest version that is spoken to, and the first one that takes a header.
var (
	zabbixOldest = [2]int{6, 0}
	zabbixHeader = [2]int{6, 4}
)

// Version is the frontend's, major and minor.
func (z *Zabbix) Version(ctx context.Context) (version [2]int, err error) {
	z.mu.Lock()
	version = z.version
	z.mu.Unlock()
	if version != [2]int{} {
		return version, nil
	}
	var text string
	if err := z.rpc(ctx, "apiinfo.version", []string{}, &text, [2]int{}); err != nil {
		return version, err
	}
	major, rest, _ := strings.Cut(text, ".")
	minor, _, _ := strings.Cut(rest, ".")
	if version[0], err = strconv.Atoi(major); err == nil {
		version[1], err = strconv.Atoi(minor)
	}
	switch {
	case err != nil:
		return [2]int{}, &Error{Said: "what it answers is no version of Zabbix: is the address right?"}
	case before(version, zabbixOldest):
		return version, &Error{Said: fmt.Sprintf("Zabbix %d.%d is too old: 6.0 or later wanted", version[0], version[1]), Never: true}
	}
	z.mu.Lock()
	z.version = version
	z.mu.Unlock()
	return version, nil
}

func before(a, b [2]int) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// Call calls a method of the API ("problem.get"), and reads its result into out. If it
// fails, and the frontend is of another version than it was, it is called once more.
func (z *Zabbix) Call(ctx context.Context, method string, parameters, out any) error {
	version, err := z.Version(ctx)
	if err != nil {
		return err
	}
	failed := z.rpc(ctx, method, parameters, out, version)
	var said *Error
	if !errors.As(failed, &said) {
		return failed
	}
	z.mu.Lock()
	z.version = [2]int{}
	z.mu.Unlock()
	if now, err := z.Version(ctx); err == nil && now != version {
		return z.rpc(ctx, method, parameters, out, now)
	}
	return failed
}

// The codes of JSON-RPC that Zabbix has, of those that matter.
const (
	rpcInvalidRequest = -32600
	rpcNoMethod       = -32601
	rpcInvalid        = -32602
	rpcApplication    = -32500
)

// rpc makes one call. version is zero for the one call that must name nobody.
func (z *Zabbix) rpc(ctx context.Context, method string, parameters, out any, version [2]int) error {
	body := map[string]any{"jsonrpc": "2.0", "method": method, "params": parameters, "id": 1}
	header := http.Header{"Content-Type": {"application/json-rpc"}}
	switch {
	case version == [2]int{}:
	case before(version, zabbixHeader):
		body["auth"] = z.o.Token
	default:
		header["Authorization"] = []string{"Bearer " + z.o.Token}
	}
	a, err := z.do(ctx, request{method: http.MethodPost, path: "/api_jsonrpc.php", header: header, body: body})
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	var said struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Data    string `json:"data"`
		} `json:"error"`
	}
	if err := a.ok(&said); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if e := said.Error; e != nil {
		refused := (&answer{}).refused(strings.TrimSpace(e.Message + " " + e.Data))
		refused.Never = (e.Code == rpcInvalid || e.Code == rpcApplication || e.Code == rpcInvalidRequest || e.Code == rpcNoMethod) && !mendable(e.Data)
		return fmt.Errorf("%s: %w", method, refused)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(said.Result, out); err != nil {
		return fmt.Errorf("%s: %w", method, &Error{Said: "what it answers is not what Zabbix answers"})
	}
	return nil
}

// mendable says of what Zabbix says that somebody can put it right within a day: the
// token, or the rights of its user's role.
func mendable(data string) bool {
	low := strings.ToLower(data)
	for _, word := range []string{"not authori", "re-login", "token", "no permissions to", "session", "maintenance"} {
		if strings.Contains(low, word) {
			return !strings.Contains(low, "referred object")
		}
	}
	return false
}

// ZabbixProblem is a problem that is not over, as the token's user sees it.
type ZabbixProblem struct {
	Event        string
	Acknowledged bool
	Messages     []string // of all that was done to it
}

// Problems reads problems by the ids of their events. Those that are over, or that the
// token's user may not see, are left out.
func (z *Zabbix) Problems(ctx context.Context, events []string) ([]ZabbixProblem, error) {
	var found []struct {
		Event        string `json:"eventid"`
		Acknowledged string `json:"acknowledged"`
		Acts         []struct {
			Message string `json:"message"`
		} `json:"acknowledges"`
	}
	err := z.Call(ctx, "problem.get", map[string]any{
		"eventids": events, "output": []string{"eventid", "acknowledged"}, "selectAcknowledges": []string{"message"},
	}, &found)
	if err != nil {
		return nil, err
	}
	list := make([]ZabbixProblem, len(found))
	for i, p := range found {
		list[i] = ZabbixProblem{Event: p.Event, Acknowledged: p.Acknowledged == "1"}
		for _, a := range p.Acts {
			list[i].Messages = append(list[i].Messages, a.Message)
		}
	}
	return list, nil
}

// What Update can do to a problem; any of them together.
const (
	ZabbixClose         = 1
	ZabbixAcknowledge   = 2
	ZabbixMessage       = 4
	ZabbixUnacknowledge = 16
)

// Update does something to problems, by the ids of their events, and writes a message.
// All of them must exist.
func (z *Zabbix) Update(ctx context.Context, events []string, actions int, message string) error {
	return z.Call(ctx, "event.acknowledge", map[string]any{"eventids": events, "action": actions | ZabbixMessage, "message": message}, nil)
}
