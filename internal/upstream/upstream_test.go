package upstream_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

// at serves a tool on loopback.
func at(t *testing.T, tool http.Handler) upstream.Options {
	t.Helper()
	s := httptest.NewServer(tool)
	t.Cleanup(s.Close)
	return upstream.Options{URL: s.URL, User: upstreamtest.User, Password: upstreamtest.Password, Token: upstreamtest.Token}
}

func TestIcinga(t *testing.T) {
	tool := upstreamtest.NewIcinga("srv", "srv!disk", "srv!load")
	i := upstream.NewIcinga(at(t, tool))
	objects := []upstream.Object{{Host: "srv"}, {Host: "srv", Service: "disk"}, {Host: "gone"}}
	if found, err := i.Acknowledge(t.Context(), objects, "Zoé", "I261127_0001 (Astreinte): x"); found != 2 || err != nil {
		t.Fatal(found, err)
	}
	if found, err := i.Acknowledge(t.Context(), objects, "Zoé", "again"); found != 2 || err != nil {
		t.Fatal("what is acknowledged already:", found, err)
	}
	if found, err := i.Acknowledge(t.Context(), objects[2:], "Zoé", "x"); found != 0 || err != nil {
		t.Fatal("what is not there:", found, err)
	}
	if c, ok := tool.Acknowledges("srv!disk"); !ok || c.Author != "Zoé" || c.Text != "I261127_0001 (Astreinte): x" {
		t.Errorf("%+v", c)
	}
	list, err := i.Comments(t.Context(), "I261127_0001 (")
	if err != nil || len(list) != 2 || !list[0].Acknowledges {
		t.Errorf("%+v %v", list, err)
	}
	if err := errors.Join(i.Unacknowledge(t.Context(), objects, "Zoé"), i.Comment(t.Context(), objects[:1], "Zoé", "over")); err != nil {
		t.Error(err)
	}
	if _, ok := tool.Acknowledges("srv"); ok || len(tool.Comments()) != 1 {
		t.Error("it is acknowledged still, or has no comment")
	}
}

func TestZabbix(t *testing.T) {
	for _, version := range []string{"6.0.14", "6.4.2", "7.0.0", "7.2.1", "7.4.0"} {
		tool := upstreamtest.NewZabbix(version, "11", "12")
		o := at(t, tool)
		o.URL += "/zabbix/"
		z := upstream.NewZabbix(o)
		if err := z.Update(t.Context(), []string{"11"}, upstream.ZabbixAcknowledge, "x"); err != nil {
			t.Fatal(version, err)
		}
		list, err := z.Problems(t.Context(), []string{"11", "12", "13"})
		if err != nil || len(list) != 2 || !list[0].Acknowledged || list[1].Acknowledged || list[0].Messages[0] != "x" {
			t.Errorf("%s: %+v %v", version, list, err)
		}
		if err := z.Update(t.Context(), []string{"13"}, 0, "x"); !upstream.IsNever(err) || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("%s: %v", version, err)
		}
		tool.ReadsOnly(true)
		if err := z.Update(t.Context(), []string{"11"}, upstream.ZabbixUnacknowledge, "x"); err == nil || upstream.IsNever(err) {
			t.Errorf("%s: missing rights are mended some day: %v", version, err)
		}
		if got := strings.Join(tool.Requests(), " "); strings.Count(got, "apiinfo.version") > 3 {
			t.Errorf("%s: the version is asked for again and again: %s", version, got)
		}
	}
	tool := upstreamtest.NewZabbix("6.0.14", "11")
	o := at(t, tool)
	o.URL += "/zabbix"
	z := upstream.NewZabbix(o)
	if _, err := z.Problems(t.Context(), []string{"11"}); err != nil {
		t.Fatal(err)
	}
	tool.Upgrade("7.2.0")
	if _, err := z.Problems(t.Context(), []string{"11"}); err != nil {
		t.Error("after an upgrade:", err)
	}
	tool.Upgrade("5.0.1")
	if _, err := upstream.NewZabbix(o).Problems(t.Context(), []string{"11"}); !upstream.IsNever(err) {
		t.Error("an old one:", err)
	}
}

// TestWhatGoesWrong: what a tool answers is told without its address, and says whether it
// is worth to ask again.
func TestWhatGoesWrong(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   string
		never  bool
	}{
		{400, `{"error":400,"status":"Invalid request body."}`, "HTTP 400: Invalid request body.", true},
		{401, `{"error":401,"status":"Unauthorized."}`, "HTTP 401: Unauthorized.", false},
		{404, "<html>", "HTTP 404", false},
		{422, `"bad matcher"`, "HTTP 422: bad matcher", true},
		{503, "", "HTTP 503", false},
		{302, "", "HTTP 302: redirects are not followed", false},
		{200, "<html>hello", "what it answers", false},
		{200, `"` + strings.Repeat("x", 17<<20) + `"`, "more than", false},
	} {
		away := false
		o := at(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if away = r.URL.Path == "/elsewhere"; away {
				return
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		_, err := upstream.NewIcinga(o).Comments(t.Context(), "x")
		if err == nil || !strings.Contains(err.Error(), c.want) || upstream.IsNever(err) != c.never || strings.Contains(err.Error(), o.URL) || away {
			t.Errorf("%d: %v, never %v", c.status, err, upstream.IsNever(err))
		}
	}
	o := at(t, http.NotFoundHandler())
	o.URL = "http://127.0.0.1:1/path?secret=hush"
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), ended} {
		if _, err := upstream.NewIcinga(o).Comments(ctx, "x"); err == nil || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("no connection: %v", err)
		}
	}
}
