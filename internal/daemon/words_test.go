package daemon

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/gateway/gatewaytest"
)

// TestPagedWithoutLinks: for a carrier that takes no links, ours is not
// written and everything else stays whole, whatever address is in the title.
// The carrier that takes over gets only our link.
func TestPagedWithoutLinks(t *testing.T) {
	const url = "https://shop.example.com/health"
	inGatewayTown(t, readyWithFallback(t, "ovh.yml", "vonage.yml"), func(t *testing.T, w *town, o *gatewaytest.OVH, v *gatewaytest.Vonage) {
		w.alert("firing", url, "alertname", "ProbeFailed")
		w.at(time.Second)
		texts := o.To(alicesPhone)
		if len(texts) != 1 || !strings.HasPrefix(texts[0].Text, "CRITIQUE Acme/Givrand shop.example.com/health ProbeFailed ") ||
			!strings.Contains(texts[0].Text, "\nREPONDRE 11 OK") || strings.Contains(texts[0].Text, "://") {
			t.Fatalf("alice got %+v", texts)
		}
		o.Down(503)
		w.alert("firing", url+"/2", "alertname", "ProbeFailed", "site", "Nantes")
		w.at(10 * time.Second)
		texts = v.To(alicesPhone)
		if len(texts) != 1 || !strings.Contains(texts[0].Text, " shop.example.com/health/2 ProbeFailed ") || strings.Count(texts[0].Text, "://") != 1 ||
			!strings.Contains(texts[0].Text, "\n"+publicURL+"/a/") {
			t.Fatalf("alice got %+v", texts)
		}
	})
}

// TestPagedInAnotherScript: a gateway is told which letters a text has, so
// that none becomes a question mark.
func TestPagedInAnotherScript(t *testing.T) {
	inGatewayTown(t, readyGateway(t, "ovh.yml"), func(t *testing.T, w *town, o *gatewaytest.OVH, _ *gatewaytest.Vonage) {
		w.alert("firing", "db-1", "alertname", "停止")
		w.at(time.Second)
		if texts := o.To(alicesPhone); len(texts) != 1 || !strings.HasPrefix(texts[0].Text, "CRITIQUE Acme/Givr. db-1 停止 ") || strings.Contains(texts[0].Text, "?") {
			t.Fatalf("alice got %+v", texts)
		}
		w.alert("firing", "db-2", "alertname", "Сервер базы данных не отвечает", "site", "Nantes")
		w.at(2 * time.Second)
		if texts := o.To(alicesPhone); len(texts) != 2 || !strings.Contains(texts[1].Text, " db-2 Server bazy dannykh ne otvechaet ") {
			t.Fatalf("alice got %+v", texts)
		}
	})
}

// TestAGatewayThatIsNotToldOfLetters: without `unicode: true` its texts are
// spelt in Latin letters.
func TestAGatewayThatIsNotToldOfLetters(t *testing.T) {
	plain := func(text []byte) []byte {
		return bytes.Replace(readyGateway(t, "ovh.yml")(text), []byte("unicode: true"), []byte("unicode: false"), 1)
	}
	inGatewayTown(t, plain, func(t *testing.T, w *town, o *gatewaytest.OVH, _ *gatewaytest.Vonage) {
		w.alert("firing", "db-1", "alertname", "停止")
		w.at(time.Second)
		if texts := o.To(alicesPhone); len(texts) != 1 || !strings.HasPrefix(texts[0].Text, "CRITIQUE Acme/Givrand db-1 Ting Zhi ") {
			t.Fatalf("alice got %+v", texts)
		}
	})
}

// TestPagedWithWhatIsWrong: the port, the domain and more are left out, but
// never the alert's name, not even in a message for several tickets.
func TestPagedWithWhatIsWrong(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-pacs-01.clinique.example:9100", "alertname", "PacsDicomQueueStuckForGood")
		w.alice.ExpectSMS(t, "CRITIQUE Acme/Givr. srv-pacs-01 PacsDicomQueueStuckForGood 03:12 GTI 04:12\nREPONDRE 11 OK")
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			w.alert("firing", "srv-pacs-0"+name+".clinique.example:9100", "alertname", "PacsDicomQueueStuckForGood"+name, "severity", "error")
		}
		w.at(15 * time.Second)
		w.alice.ExpectSMS(t, " x MAJEUR, dont Acme", " srv-pacs-0", " PacsDicomQueueStuckForGood", " 03:12 GTI 07:12\n", "je prends les ")
	})
}
