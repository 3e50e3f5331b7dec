package chat

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat/chattest"
)

// ear takes presses down.
type ear struct {
	got  []Press
	text string
	err  error
}

func (e *ear) Press(_ context.Context, p Press) (string, error) {
	e.got = append(e.got, p)
	return e.text, e.err
}

func slackGate(e *ear) (*chattest.Slack, http.Handler, *[]string) {
	slack := chattest.NewSlack(slackToken, slackSecret, at, slackRoom, "C0000000002", "C0000000003")
	room := func(name, channel, secret string) *SlackRoom {
		return NewSlack(SlackConfig{Name: name, Channel: channel, Token: slackToken, Secret: secret, HTTP: slack})
	}
	ops, second, other := room("ops", slackRoom, slackSecret), room("second", "C0000000002", slackSecret), room("other", "C0000000003", "another-app")
	var events []string
	return slack, NewSlackDoor(ops, []*SlackRoom{ops, second, other}, Door{Listener: e, Now: at, Observe: func(event string) { events = append(events, event) }}), &events
}

func answered(h http.Handler, req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

const slackDoorAddress = "/chat/slack/ops"

// TestSlackSignature is the example of Slack's own documents.
func TestSlackSignature(t *testing.T) {
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	if got := SlackSignature(slackSecret, "1531420618", []byte(body)); got != "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503" {
		t.Error(got)
	}
}

func TestSlackDoor(t *testing.T) {
	e := &ear{}
	slack, door, events := slackGate(e)
	press := slack.Pressed(slackRoom, "1", "acknowledge", "I261121_0001 1", "U1")
	for _, c := range []struct {
		name   string
		change func(r *http.Request)
		body   string
		at     time.Duration
		want   int
		acts   bool
	}{
		{"a press", nil, press, 0, 200, true},
		{"late, but within five minutes", nil, press, -299 * time.Second, 200, true},
		{"by a clock that is ahead", nil, press, 299 * time.Second, 200, true},
		{"old", nil, press, -301 * time.Second, 403, false},
		{"of the future", nil, press, 301 * time.Second, 403, false},
		{"without a signature", func(r *http.Request) { r.Header.Del("X-Slack-Signature") }, press, 0, 403, false},
		{"without a time", func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") }, press, 0, 403, false},
		{"forged", func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64)) }, press, 0, 403, false},
		{"an old one with a new time", func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", "1795230721") }, press, 0, 403, false},
		{"of another app's channel", nil, slack.Pressed("C0000000003", "1", "acknowledge", "x", "U1"), 0, 404, false},
		{"of no channel", nil, slack.Pressed("C9", "1", "acknowledge", "x", "U1"), 0, 404, false},
		{"the button that is a link", nil, slack.Pressed(slackRoom, "1", "open", "", "U1"), 0, 200, false},
		{"a name without end", nil, slack.Pressed(slackRoom, "1", "acknowledge", "x 1", strings.Repeat("U", 20_000)), 0, 400, false},
		{"a button without end", nil, slack.Pressed(slackRoom, "1", "acknowledge", strings.Repeat("x", 40_000), "U1"), 0, 400, false},
		{"two presses", nil, "payload=" + url.QueryEscape(`{"type":"block_actions","user":{"id":"U1"},"channel":{"id":"`+slackRoom+`"},"actions":[{"action_id":"acknowledge","value":"x 1"},{"action_id":"acknowledge","value":"y 1"}]}`), 0, 200, false},
		{"nested", nil, "payload=" + strings.Repeat("[", 60_000), 0, 400, false},
		{"fields without end", nil, strings.Repeat("a&", 32_000), 0, 400, false},
		{"no payload", nil, "x=1", 0, 400, false},
		{"no JSON", nil, "payload=%7B", 0, 400, false},
		{"a form that is none", nil, "%zz", 0, 400, false},
		{"a view", nil, "payload=" + `{"type":"view_submission"}`, 0, 200, false},
		{"TLS is checked", nil, "ssl_check=1&token=x", 0, 200, false},
		{"a GET", func(r *http.Request) { r.Method = http.MethodGet }, press, 0, 405, false},
		{"huge", nil, press + strings.Repeat("x", ticket.MaxPress), 0, 413, false},
	} {
		e.got = nil
		req := slack.Request(slackDoorAddress, c.body, at().Add(c.at))
		if c.change != nil {
			c.change(req)
		}
		if got := answered(door, req); got.Code != c.want || (len(e.got) > 0) != c.acts {
			t.Errorf("%s: %d, %v", c.name, got.Code, e.got)
		}
		if c.acts && e.got[0] != (Press{Room: "ops", Product: Slack, User: "U1", Action: "acknowledge", Value: "I261121_0001 1"}) {
			t.Errorf("%s: %+v", c.name, e.got)
		}
	}
	for _, event := range []string{EventPress, EventForged, EventMalformed, EventStray} {
		if !slices.Contains(*events, event) {
			t.Errorf("no %s was observed", event)
		}
	}
}

// TestSlackRooms: a press belongs to the room of its channel, and its person alone is
// answered there.
func TestSlackRooms(t *testing.T) {
	e := &ear{text: "Too late <!here>"}
	slack, door, _ := slackGate(e)
	got := answered(door, slack.Request(slackDoorAddress, slack.Pressed("C0000000002", "1", "acknowledge", "x 1", "U7"), at()))
	if got.Code != 200 || len(e.got) != 1 || e.got[0].Room != "second" || !slices.Equal(slack.Whispers(), []string{"U7: Too late &lt;!here&gt;"}) {
		t.Errorf("%d, %+v, %q", got.Code, e.got, slack.Whispers())
	}
	slack.Fail(func(string) *http.Response { return chattest.Answer(500, nil) })
	if got := answered(door, slack.Request(slackDoorAddress, slack.Pressed(slackRoom, "1", "acknowledge", "x 1", "U7"), at())); got.Code != 200 {
		t.Errorf("what was done is done: %d", got.Code)
	}
	e.err = errors.New("the store is away")
	if got := answered(door, slack.Request(slackDoorAddress, slack.Pressed(slackRoom, "1", "acknowledge", "x 1", "U7"), at())); got.Code != 503 || strings.Contains(got.Body.String(), "store") {
		t.Errorf("%d: %s", got.Code, got.Body)
	}
}

// hosts are those that are asked.
type hosts struct {
	http.RoundTripper
	asked []string
}

// RoundTrip implements http.RoundTripper.
func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	h.asked = append(h.asked, r.URL.Host)
	return h.RoundTripper.RoundTrip(r)
}

// TestNoAddressOfAPressIsAsked: whoever pressed is answered by Slack's own API, whatever
// addresses a request brings.
func TestNoAddressOfAPressIsAsked(t *testing.T) {
	slack := chattest.NewSlack(slackToken, slackSecret, at, slackRoom)
	way := &hosts{RoundTripper: slack}
	door := NewSlackDoor(NewSlack(SlackConfig{Name: "ops", Channel: slackRoom, Token: slackToken, Secret: slackSecret, HTTP: way}), nil, Door{Listener: &ear{text: "Too late"}, Now: at})
	press := slack.Pressed(slackRoom, "1", "acknowledge", "x 1", "U7")
	evil := strings.ReplaceAll(press, "hooks.slack.com", "169.254.169.254")
	if evil == press {
		t.Fatal("the press has no address")
	}
	if got := answered(door, slack.Request(slackDoorAddress, evil, at())); got.Code != 200 || !slices.Equal(way.asked, []string{"slack.com"}) || len(slack.Whispers()) != 1 {
		t.Errorf("%d, asked %q, %q", got.Code, way.asked, slack.Whispers())
	}
}

func TestSlackVerifiesTheAddress(t *testing.T) {
	slack, door, _ := slackGate(&ear{})
	body := `{"type":"url_verification","challenge":"3eZbrw1a"}`
	req := slack.Request(slackDoorAddress, body, at())
	req.Header.Set("Content-Type", "application/json")
	if got := answered(door, req); got.Code != 200 || strings.TrimSpace(got.Body.String()) != `{"challenge":"3eZbrw1a"}` {
		t.Errorf("%d: %s", got.Code, got.Body)
	}
}

// TestNoSecretIsNoDoor: without a secret nothing is authentic, not even what is signed
// with nothing.
func TestNoSecretIsNoDoor(t *testing.T) {
	slack := chattest.NewSlack(slackToken, "", at, slackRoom)
	e := &ear{}
	door := NewSlackDoor(NewSlack(SlackConfig{Name: "ops", Channel: slackRoom, Token: slackToken, HTTP: slack}), nil, Door{Listener: e, Now: at})
	if got := answered(door, slack.Request(slackDoorAddress, slack.Pressed(slackRoom, "1", "acknowledge", "x 1", "U1"), at())); got.Code != 403 || e.got != nil {
		t.Errorf("%d, %v", got.Code, e.got)
	}
}

func TestMattermostDoor(t *testing.T) {
	mattermost := chattest.NewMattermost(mattermostToken, mattermostRoom, at)
	room := func(name, token string) *MattermostRoom {
		return NewMattermost(MattermostConfig{Name: name, URL: "https://mm.example.net", Channel: mattermostRoom, Token: token, Door: "https://astreinte.example.net/chat/mattermost/" + name, HTTP: mattermost})
	}
	ops := room("ops", mattermostToken)
	e := &ear{text: "Too late @here"}
	door := NewMattermostDoor(ops, Door{Listener: e, Now: at})
	id, err := ops.Post(t.Context(), card(), "")
	if err != nil {
		t.Fatal(err)
	}
	got := answered(door, mattermost.Press(id, "acknowledge", "user1"))
	var said struct {
		Text string `json:"ephemeral_text"`
	}
	if err := json.Unmarshal(got.Body.Bytes(), &said); err != nil || got.Code != 200 || !strings.HasPrefix(said.Text, "Too late") || strings.Contains(said.Text, "@here") {
		t.Errorf("%d: %s", got.Code, got.Body)
	}
	if len(e.got) != 1 || e.got[0] != (Press{Room: "ops", Product: Mattermost, User: "user1", Action: "acknowledge", Value: "I261121_0001 1"}) {
		t.Fatalf("%+v", e.got)
	}
	good := map[string]any{"room": "ops", "action": "acknowledge", "value": "I261121_0001 1", "mark": ops.markOf("acknowledge", "I261121_0001 1")}
	with := func(changes ...string) map[string]any {
		c := map[string]any{}
		for k, v := range good {
			c[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			c[changes[i]] = changes[i+1]
		}
		return c
	}
	const address = "/chat/mattermost/ops"
	for _, c := range []struct {
		name string
		req  *http.Request
		want int
	}{
		{"another ticket's number", chattest.Pressed(address, mattermostRoom, id, "user1", with("value", "I261121_0002 1")), 403},
		{"another action", chattest.Pressed(address, mattermostRoom, id, "user1", with("action", "resolve")), 403},
		{"another room's button", chattest.Pressed(address, mattermostRoom, id, "user1", with("room", "other", "mark", room("other", mattermostToken).markOf("acknowledge", "I261121_0001 1"))), 403},
		{"of another channel", chattest.Pressed(address, strings.Repeat("b", 26), id, "user1", good), 403},
		{"forged", chattest.Pressed(address, mattermostRoom, id, "user1", with("mark", strings.Repeat("0", 64))), 403},
		{"without a mark", chattest.Pressed(address, mattermostRoom, id, "user1", with("mark", "")), 403},
		{"by another bot's token", chattest.Pressed(address, mattermostRoom, id, "user1", with("mark", room("ops", "x").markOf("acknowledge", "I261121_0001 1"))), 403},
		{"a name without end", chattest.Pressed(address, mattermostRoom, id, strings.Repeat("u", 20_000), good), 400},
		{"nested", httptest.NewRequest(http.MethodPost, address, strings.NewReader(strings.Repeat("[", 60_000))), 400},
		{"by nobody", chattest.Pressed(address, mattermostRoom, id, "", good), 400},
		{"no JSON", httptest.NewRequest(http.MethodPost, address, strings.NewReader("{")), 400},
		{"huge", httptest.NewRequest(http.MethodPost, address, strings.NewReader(strings.Repeat("x", ticket.MaxPress+1))), 413},
		{"a GET", httptest.NewRequest(http.MethodGet, address, nil), 405},
	} {
		e.got = nil
		if got := answered(door, c.req); got.Code != c.want || e.got != nil {
			t.Errorf("%s: %d, %v", c.name, got.Code, e.got)
		}
	}
	e.err = errors.New("the store is away")
	if got := answered(door, mattermost.Press(id, "acknowledge", "user1")); got.Code != 503 {
		t.Errorf("%d", got.Code)
	}
}
