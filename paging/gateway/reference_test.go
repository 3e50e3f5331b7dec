package gateway

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheWebhooks compares the reference with the paths that are
// served, both ways. The Spec chooses the methods; the reference has the usual
// one.
func TestReferenceHasTheWebhooks(t *testing.T) {
	webhook := Webhook{Method: http.MethodPost}
	h := &handler{name: "NAME", program: &program{
		spec:     Spec{Receipts: &Receipts{Webhook: webhook}, Replies: &Replies{Webhook: webhook}},
		receipts: &receiptProgram{}, replies: &replyProgram{},
	}}
	served := slices.Sorted(maps.Keys(h.routes()))
	told := slices.DeleteFunc(reftest.Column(t, "### SMS providers"), func(p string) bool { return !strings.Contains(p, " /sms/") })
	if slices.Sort(told); !slices.Equal(served, told) {
		t.Errorf("served %v\ntold %v", served, told)
	}
}
