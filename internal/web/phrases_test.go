package web

import (
	"reflect"
	"strings"
	"testing"
)

func TestTheHeadingOfABundle(t *testing.T) {
	for tag, want := range map[string][2]string{
		"en": {"1 ticket", "2 tickets"}, "fr": {"1 ticket", "2 tickets"}, "it": {"1 ticket", "2 ticket"},
	} {
		words := phrasesIn(tag)
		if got := [2]string{words.AllOf(1), words.AllOf(2)}; got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestABundleOfOne(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown", "urgency", "critical")
	token := d.bundleOf("alice", number)
	has(t, d.look(token), "<h1>1 ticket</h1>")
	has(t, d.look(token+"?ticket="+number), "← 1 ticket<")
}

// TestThePagesWordsAreWhole: each word is there in each language, with as many
// parts.
func TestThePagesWordsAreWhole(t *testing.T) {
	want := reflect.ValueOf(englishPage)
	for _, p := range []*pagePhrases{&englishPage, &frenchPage, &italianPage} {
		got := reflect.ValueOf(*p)
		for i := range got.NumField() {
			word, english := got.Field(i).String(), want.Field(i).String()
			if word == "" || strings.Count(word, "%") != strings.Count(english, "%") {
				t.Errorf("%s: %q, in English %q", got.Type().Field(i).Name, word, english)
			}
		}
	}
}
