package main

import (
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/client"
)

// TestWhose: the token stands beside the person in whose name it acted.
func TestWhose(t *testing.T) {
	for want, e := range map[string]client.Entry{
		"dominique (api), token desk": {Actor: &client.Actor{Kind: "person", Name: "dominique", Token: "desk"}, Via: "api"},
		"alice (sms)":                 {Actor: &client.Actor{Kind: "person", Name: "alice"}, Via: "sms"},
		"desk (cli)":                  {Actor: &client.Actor{Kind: "token", Name: "desk"}, Via: "cli"},
		"(rule)":                      {Via: "rule"},
		"":                            {},
	} {
		if got := whose(&e); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhoTookAPageAndWhatItCarries(t *testing.T) {
	ticket := client.Ticket{Pages: []client.Page{
		{Person: "alice", Channel: "sms", State: "delivered", Provider: "ovh", Carries: []string{"I1_2", "I1_3"}},
		{Person: "alice", Channel: "sms", State: "undelivered", Provider: "twilio", Error: "30003", Carries: []string{"I1_2", "I1_3", "I1_4", "I1_5"}},
		{Person: "bruno", Channel: "push", State: "queued"},
	}}
	var out strings.Builder
	if err := printTicket(&out, &ticket); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"alice  sms by ovh     delivered    also for I1_2, I1_3\n",
		"alice  sms by twilio  undelivered  30003; also for I1_2, I1_3, I1_4 and 1 more\n",
		"bruno  push           queued\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
