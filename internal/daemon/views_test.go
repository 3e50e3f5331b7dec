package daemon

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadyFilters: what is mine, what is nobody's, what each of my groups has, what will be
// late soon. Each leads to what it says, and the form keeps what the address has.
func TestReadyFilters(t *testing.T) {
	m := newManor(t)
	down, slow := m.of[0].number, m.of[1].number
	for _, w := range []int{
		m.api(http.MethodPost, "/tickets/"+slow+"/pickup", `{"person": "alice"}`, nil).Code,
		m.api(http.MethodPost, "/tickets/"+down+"/assign", `{"group": "on-call"}`, nil).Code,
	} {
		if w != http.StatusOK {
			t.Fatal(w)
		}
	}
	link := regexp.MustCompile(`<li><a href="(/tickets\?[^"]+)"[^>]*>([^<]+)</a></li>`)
	row := regexp.MustCompile(`<li id="t-([^"]+)"`)
	ready := func(who string) map[string]string {
		views := map[string]string{}
		for _, found := range link.FindAllStringSubmatch(m.call(who, http.MethodGet, "/tickets", nil).Body.String(), -1) {
			views[found[2]] = strings.ReplaceAll(found[1], "&amp;", "&")
		}
		return views
	}
	for who, lists := range map[string]map[string][]string{
		"alice":         {"Les miens": {slow}, "Pot commun": {down, m.castle.number}, "Chez on-call": {down}, "Bientôt en retard": {down}},
		"bruno":         {"Les miens": nil, "Pot commun": {down, m.castle.number}, "Chez on-call": {down}, "Bientôt en retard": {down}},
		"bellac-reader": {"Les miens": nil, "Pot commun": nil, "Bientôt en retard": nil},
	} {
		views := ready(who)
		if len(views) != len(lists) {
			t.Errorf("%s has %v", who, views)
		}
		for name, want := range lists {
			page := m.call(who, http.MethodGet, views[name], nil).Body.String()
			var got []string
			for _, found := range row.FindAllStringSubmatch(page, -1) {
				got = append(got, found[1])
			}
			if !slices.Equal(got, want) || !strings.Contains(page, `aria-current="true">`+name+"<") {
				t.Errorf("%s of %s (%s): %v, want %v", name, who, views[name], got, want)
			}
		}
	}
	page := m.call("alice", http.MethodGet, "/tickets?unassigned=true&breached=true&tier=L2&kind=request&group=on-call&due_within=4h&site=Lyon&equipment=%3Cx%3E", nil).Body.String()
	for _, want := range []string{
		`name="unassigned" value="true" checked`, `name="breached" value="true" checked`, `value="L2" selected`, `value="request" selected`, `value="on-call" selected`, `value="4h" selected`,
		`<input type="hidden" name="equipment" value="&lt;x&gt;"><input type="hidden" name="site" value="Lyon">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the form has no %s", want)
		}
	}
	if got := fmt.Sprint(ready("alice")); strings.Contains(got, "managers") {
		t.Errorf("a group of others: %s", got)
	}
}
