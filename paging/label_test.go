package paging

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// TestOddCodesMakeNoSeries: a provider makes up codes, and they become one
// series.
func TestOddCodesMakeNoSeries(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := NewMetrics(registry)
	count := func() (n int) {
		t.Helper()
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "astreinte_provider_errors_total" {
				n = len(f.GetMetric())
			}
		}
		return n
	}
	for i := range 40 {
		for _, code := range []string{
			fmt.Sprintf("odd-%d", i), fmt.Sprintf("%d", 70000+i), fmt.Sprintf("oauth_odd_%d", i),
			fmt.Sprintf("http_%d", 600+i), fmt.Sprintf("http_odd_%d", i), strings.Repeat("x", i<<10), fmt.Sprintf("x_http_%d", 400+i),
		} {
			m.answer("sms", Result{Class: Transient, Code: code})
		}
	}
	if n := count(); n != 1 {
		t.Errorf("%d series, want one", n)
	}
	for status := range 1000 {
		m.answer("sms", Result{Class: Transient, Code: HTTPCode(status)})
		m.answer("push", Result{Class: Transient, Code: "oauth_" + HTTPCode(status)})
	}
	if n, most := count(), 2*(len(ownStatuses)+5+1); n != most {
		t.Errorf("%d series of every status that there may be, want %d", n, most)
	}
}

// TestKnownCodesAreTold: what an operator has to tell apart is a label.
func TestKnownCodesAreTold(t *testing.T) {
	for _, tt := range []struct {
		r    Result
		want string
	}{
		{Result{Code: "21610", Known: true}, "21610"},
		{Result{Code: "21611"}, "other"},
		{Result{Code: "timeout"}, "timeout"},
		{Result{Code: "oauth_invalid_grant"}, "oauth_invalid_grant"},
		{Result{Code: "http_503"}, "http_503"},
		{Result{Code: "http_418"}, "http_4xx"},
		{Result{Code: "oauth_http_503"}, "oauth_http_503"},
		{Result{Code: ""}, "other"},
	} {
		if got := codeLabel(tt.r); got != tt.want {
			t.Errorf("%q, known %t: %s, want %s", tt.r.Code, tt.r.Known, got, tt.want)
		}
	}
}
