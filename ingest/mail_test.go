package ingest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// mailed is a mail of a tool, sent at a second of the day.
func mailed(second int, subject, text string) string {
	return fmt.Sprintf("From: Monitor <monitor@example.net>\r\nTo: nagios@astreinte.example.net\r\nDate: Sat, 21 Nov 2026 17:22:%02d +0000\r\nSubject: %s\r\n\r\n%s",
		second, subject, strings.ReplaceAll(text, "\n", "\r\n"))
}

// readMail is the one alert of a mail.
func readMail(t *testing.T, raw string) ticket.Alert {
	t.Helper()
	alerts, err := Tools().Read(Source{Name: "tool", Type: TypeMail}, []byte(raw), now)
	if err != nil || len(alerts) != 1 {
		t.Fatalf("%q: %d alerts, %v", raw, len(alerts), err)
	}
	whole(t, TypeMail, &alerts[0])
	return alerts[0]
}

const zabbixMailText = "Problem started at 17:20:01 on 2026.11.21\nProblem name: Disk full\nHost: srv-db-01\nSeverity: High\nOriginal problem ID: 4711\n"

// mailPairs are a problem's mail and its end's, of each tool.
var mailPairs = []struct{ name, subject, text, end, endText, title, severity string }{
	{"nagios", "** PROBLEM Service Alert: srv/Disk /var is CRITICAL **", "Host: srv\nState: CRITICAL\n\nAdditional Info:\n\nfull", "** RECOVERY Service Alert: srv/Disk /var is OK **", "Host: srv", "srv Disk /var", "critical"},
	{"nagios, a host", "** PROBLEM Host Alert: srv-db01 is DOWN **", "", "** RECOVERY Host Alert: srv-db01 is UP **", "", "srv-db01 HostDown", "critical"},
	{"nagios 1", "** PROBLEM alert - srv/load is WARNING **", "", "** RECOVERY alert - srv/load is OK **", "", "srv load", "warning"},
	{"icinga", "[PROBLEM] http on web01 is CRITICAL!", "Host: web01.example.org", "[RECOVERY] http on web01 is OK!", "Host: web01.example.org", "web01.example.org http", "critical"},
	{"icinga, a host", "[PROBLEM] Host web01 is DOWN!", "", "[RECOVERY] Host web01 is UP!", "", "web01 HostDown", "critical"},
	{"checkmk", "Check_MK: srv01/CPU load OK -> CRIT", "", "Checkmk: srv01/CPU load CRIT → OK", "", "srv01 CPU load", "critical"},
	{"checkmk, a host", "Checkmk: srv01 - UP -> DOWN", "", "Checkmk: srv01 - DOWN -> UP", "", "srv01 HostDown", "critical"},
	{"zabbix", "Problem: Disk full", zabbixMailText, "Resolved in 5m 3s: Disk full", strings.Replace(zabbixMailText, "started", "resolved", 1), "srv-db-01 Disk full", "error"},
	{"zabbix 3", "PROBLEM: Disk full", "Trigger: Disk full\nTrigger severity: Disaster\nOriginal event ID: 9", "OK: Disk full", "Trigger: Disk full\nTrigger severity: Disaster\nOriginal event ID: 9", "Disk full", "critical"},
	{"alertmanager", "[FIRING:2] HostDown (srv-1 critical)", "", "[RESOLVED] HostDown (critical)", "", "HostDown (srv-1 critical)", "critical"},
	{"grafana", "[FIRING:1] High load Servers (srv-1)", "", "[RESOLVED] High load Servers (srv-2 x)", "", "High load Servers (srv-1)", ""},
	{"grafana, before", "[Alerting] High load", "", "[OK] High load", "", "[Alerting] High load", "error"},
	{"uptime kuma", "[Shop] [=?utf-8?B?8J+UtA==?= Down] timeout of 48000ms", "", "[Shop] [=?utf-8?B?4pyF?= Up] 200 - OK", "", "Shop", "critical"},
	{"prtg", "[PRTG Network Monitor (X)] srv01 Ping Down (Request timed out)", "", "[PRTG Network Monitor (X)] srv01 Ping Down ended (now: Up) (OK)", "", "srv01 Ping", "critical"},
	{"veeam", "[Failed] Daily backup (5 objects) 2 failed, 1 warning", "", "[Success] Daily backup (5 objects)", "", "[Failed] Daily backup (5 objects) 2 failed, 1 warning", "error"},
	{"proxmox", "vzdump backup status (pve1.example.net): backup failed", "", "vzdump backup status (pve1.example.net): backup successful", "", "vzdump backup status (pve1.example.net): backup failed", "error"},
	{"synology", "[NAS01] Backup task photos has failed", "", "[NAS01] Backup task photos has finished successfully", "", "[NAS01] Backup task photos has failed", "error"},
	{"qnap", "[Error][NAS01] Notification from your device: NAS01", "NAS Name: NAS01\nSeverity: Error\nApp Name: Storage\nMessage: RAID 1 degraded", "[Information][NAS01] Notification from your device: NAS01", "NAS Name: NAS01\nSeverity: Information\nApp Name: Storage\nMessage: RAID 1 restored", "NAS01 RAID 1 degraded", "error"},
	{"vcenter", "[VMware vCenter - Alarm alarm.HostMemoryUsageAlarm] Alarm 'Host memory usage' on esx01.example.net changed from Green to Red", "", "[VMware vCenter - Alarm alarm.HostMemoryUsageAlarm] Alarm 'Host memory usage' on esx01.example.net changed from Red to Green", "", "esx01.example.net Host memory usage", "critical"},
	{"vcenter, in the text", "[VMware vCenter - Alarm Datastore usage on disk]", "Target: store-1\nPrevious Status: Green\nNew Status: Yellow\n\nDescription:\nAlarm Datastore usage on disk on store-1 changed from Green to Yellow", "[VMware vCenter - Alarm Datastore usage on disk]", "Target: store-1\nDescription:\nAlarm Datastore usage on disk on store-1 changed from Yellow to Green", "store-1 Datastore usage on disk", "warning"},
	{"vcenter, an object with blanks", "[VMware vCenter - Alarm VM CPU] Alarm 'VM CPU' on SQL Server 01 changed from Green to Red", "", "[VMware vCenter - Alarm VM CPU] Alarm 'VM CPU' on SQL Server 01 changed from Red to Green", "", "SQL Server 01 VM CPU", "critical"},
	{"apcupsd", "srv1 UPS ups0 Power Failure !!!", "", "srv1 UPS ups0 Power has returned", "", "srv1 UPS ups0 Power Failure !!!", "critical"},
	{"apc", "UPS: On battery power in response to an input power problem.", "", "UPS: No longer on battery power.", "", "UPS: On battery power in response to an input power problem.", "critical"},
	{"nut", "Communications with UPS ups@localhost lost", "", "Communications with UPS ups@localhost established", "", "Communications with UPS ups@localhost lost", "error"},
	{"a tag", "DOWN: shop.example.net", "", "UP: shop.example.net", "", "DOWN: shop.example.net", "critical"},
	{"a tag before the other word", "DOWN: signup is OK page", "", "RECOVERED: signup is OK page", "", "DOWN: signup is OK page", "critical"},
	{"an end", "srv-7 is DOWN", "", "srv-7 is back UP", "", "srv-7 is DOWN", "critical"},
	{"loud", "srv-7 DOWN", "", "srv-7 UP", "", "srv-7 DOWN", "critical"},
	{"French", "Sauvegarde srv-7 : =?utf-8?Q?=C3=A9chec?=", "", "Sauvegarde srv-7 : =?utf-8?Q?r=C3=A9ussie?=", "", "Sauvegarde srv-7 : échec", "error"},
	{"Italian", "Backup srv-7 fallito", "", "Backup srv-7 riuscito", "", "Backup srv-7 fallito", "error"},
	{"what is resolved", "Problem with srv-8", "", "Problem with srv-8 has been resolved", "", "Problem with srv-8", "error"},
	{"French, not", "Sauvegarde non =?utf-8?Q?r=C3=A9ussie?= srv-9", "", "Sauvegarde =?utf-8?Q?r=C3=A9ussie?= srv-9", "", "Sauvegarde non réussie srv-9", "error"},
	{"French, back to normal", "Alerte : srv-10 injoignable", "", "Retour =?utf-8?Q?=C3=A0?= la normale : srv-10", "", "Alerte : srv-10 injoignable", "critical"},
	{"French, no error", "Sauvegarde srv-11 : 2 erreurs", "", "Sauvegarde srv-11 : sans erreur", "", "Sauvegarde srv-11 : 2 erreurs", "error"},
	{"Italian, not", "Backup non riuscito su NAS02", "", "Backup riuscito su NAS02", "", "Backup non riuscito su NAS02", "error"},
	{"Italian, again", "Server srv-12 non raggiungibile", "", "Server srv-12 di nuovo raggiungibile", "", "Server srv-12 non raggiungibile", "error"},
	{"uptimerobot", "Monitor is DOWN: shop-2", "", "Monitor is UP: shop-2", "", "Monitor is DOWN: shop-2", "critical"},
	{"French, an incident", "Incident : panne du site web-3", "", "Incident =?utf-8?Q?r=C3=A9solu?= : panne du site web-3", "", "Incident : panne du site web-3", "error"},
	{"French, a tag", "[=?utf-8?Q?PROBL=C3=88ME?=] srv-17", "", "[=?utf-8?Q?R=C3=89SOLU?=] srv-17", "", "[PROBLÈME] srv-17", "error"},
	{"French, a UPS", "Onduleur srv-18 : sur batterie", "", "Onduleur srv-18 : retour du courant", "", "Onduleur srv-18 : sur batterie", "critical"},
	{"datadog", "[P1] [Triggered on {host:web01}] CPU high", "", "[P1] [Recovered on {host:web01}] CPU high", "", "[P1] [Triggered on {host:web01}] CPU high", "error"},
	{"from one to the other", "UP -> DOWN: srv-13", "", "DOWN -> UP: srv-13", "", "UP -> DOWN: srv-13", "critical"},
	{"from one to the other, in words", "State of srv-14 changed from OK to CRITICAL", "", "State of srv-14 changed from CRITICAL to OK", "", "State of srv-14 changed from OK to CRITICAL", "critical"},
	{"what brackets say", "srv-15 DOWN (Connection refused)", "", "srv-15 UP (200 - OK)", "", "srv-15 DOWN (Connection refused)", "critical"},
	{"backup exec", `Backup Exec Alert: Job Failed (Server: "SRV") (Job: "Full")`, "", `Backup Exec Alert: Job Success (Server: "SRV") (Job: "Full")`, "", `Backup Exec Alert: Job Failed (Server: "SRV") (Job: "Full")`, "error"},
	{"words in brackets", "Backup [srv-16] finished: Failed (2 errors)", "", "Backup [srv-16] finished: Success (0 errors)", "", "Backup [srv-16] finished: Failed (2 errors)", "error"},
	{"a percentage", "WARNING: /var on srv at 91%", "", "OK: /var on srv at 40%", "", "WARNING: /var on srv at 91%", "warning"},
	{"times", "CRITICAL: srv (2026-11-21 17:20:01)", "", "RESOLVED in 5m: srv (2026-11-21 17:25:01)", "", "CRITICAL: srv (2026-11-21 17:20:01)", "critical"},
}

// TestAToolsMails: a problem's mail and its end's have one key, whatever the tool.
func TestAToolsMails(t *testing.T) {
	seen := map[string]string{}
	for _, c := range mailPairs {
		fired, over := readMail(t, mailed(1, c.subject, c.text)), readMail(t, mailed(9, c.end, c.endText))
		if fired.Status != ticket.Firing || over.Status != ticket.Resolved {
			t.Errorf("%s: %s, then %s", c.name, fired.Status, over.Status)
		}
		if fired.Fingerprint != over.Fingerprint {
			t.Errorf("%s: the keys are %q and %q", c.name, fired.Fingerprint, over.Fingerprint)
		}
		if fired.Title() != c.title || fired.Labels["severity"] != c.severity || over.Labels["severity"] != "" {
			t.Errorf("%s: %q of %q, then %q", c.name, fired.Title(), fired.Labels["severity"], over.Labels["severity"])
		}
		if fired.Annotations["subject"] == "" || fired.StartsAt.Second() != 1 || over.EndsAt.Second() != 9 {
			t.Errorf("%s: %+v, then %+v", c.name, fired, over)
		}
		if other := seen[fired.Fingerprint]; other != "" && other != "an end" && !strings.HasPrefix(other, "nagios") {
			t.Errorf("%s has the key of %s", c.name, other)
		}
		seen[fired.Fingerprint] = c.name
	}
}

// TestFixturesOfMails: the mails of real tools.
func TestFixturesOfMails(t *testing.T) {
	for name, want := range map[string]string{
		"alertmanager-mail-firing.eml":     `firing "PostgresDown pg-prod (postgres critical db)" critical`,
		"icinga2-mail-host-recovery.eml":   `resolved "web01.example.org HostDown" `,
		"icinga2-mail-service-problem.eml": `firing "web01.example.org http vhost é" critical`,
		"nagios-mail-flappingstart.eml":    `unsaid "Serveur BDD n°1 Flappy" `,
		"nagios-mail-host-problem.eml":     `firing "srv-db01 HostDown" critical`,
		"nagios-mail-service-ack.eml":      `firing "Serveur BDD n°1 Disk /var" critical`,
		"nagios-mail-service-problem.eml":  `firing "Serveur BDD n°1 Disk /var" critical`,
		"nagios-mail-service-recovery.eml": `resolved "Serveur BDD n°1 Disk /var" `,
	} {
		if got := saidBy(t, TypeMail, fixture(t, name)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	keys := map[string]bool{}
	for _, name := range []string{"problem", "recovery", "ack"} {
		keys[readMail(t, fixture(t, "nagios-mail-service-"+name+".eml")).Fingerprint] = true
	}
	if len(keys) != 1 {
		t.Errorf("one service has %d keys", len(keys))
	}
	if a := readMail(t, fixture(t, "nagios-mail-service-ack.eml")); a.Remark == nil || a.Remark.Kind != ticket.RemarkTaken {
		t.Errorf("an acknowledgement: %+v", a.Remark)
	}
}

// TestWhatNeitherIsProblemNorEnd opens a ticket that is called as its subject.
func TestWhatNeitherIsProblemNorEnd(t *testing.T) {
	for _, subject := range []string{
		"Cron <root@srv> /usr/bin/check_failed.sh || echo OK", "Your invoice of November", "SIGN-UP page", "Backup completed", "Dossier complet",
		"ok", "up", "SMART self-test of srv: please look", "Re: Re: question", "[NAS01] News for you", "Paris-Nord: open",
	} {
		a := readMail(t, mailed(1, subject, "text"))
		if a.Status != ticket.Firing || a.Title() != subject {
			t.Errorf("%q: %s %q", subject, a.Status, a.Title())
		}
		if again := readMail(t, mailed(9, subject, "text")); again.Fingerprint != a.Fingerprint {
			t.Errorf("%q is not the same again", subject)
		}
		if other := readMail(t, mailed(9, subject, "another text")); other.Fingerprint == a.Fingerprint {
			t.Errorf("%q with another text is a repeat", subject)
		}
	}
	for raw, title := range map[string]string{
		"From: a@example.net\r\n\r\nthe first line\r\nmore": "the first line",
		"From: A@example.net\r\n\r\n":                       "a@example.net",
		"the server is down\r\n":                            "the server is down",
		"X: y\r\n\r\n":                                      "mail",
	} {
		if a := readMail(t, raw); a.Title() != title || a.Status != ticket.Firing {
			t.Errorf("%q: %q", raw, a.Title())
		}
	}
}

// TestWhatIsNoEnd: a subject that may speak of a problem ends nothing.
func TestWhatIsNoEnd(t *testing.T) {
	for _, subject := range []string{
		"Backup completed with errors", "Backup not successful", "Host is not up", "Failed: recovery of srv", "unsuccessful backup",
		"Error while the service recovered", "Restored backup failed", "[FIRING:1, RESOLVED:2] HostDown", "Service is not OK", "DOWN: backup successful page",
		"Backup non riuscito su NAS01", "Sauvegarde non =?utf-8?Q?r=C3=A9ussie?=", "La sauvegarde n'a pas =?utf-8?Q?r=C3=A9ussi?=", "Problema non risolto su srv-7",
		"Le nom srv.example.net n'a pas pu =?utf-8?Q?=C3=AAtre_r=C3=A9solu?=", "shop.example.net could not be resolved", "Database could not be restored", "srv-1 is still not back up",
		"Last successful backup of srv-1 was 5 days ago", "=?utf-8?Q?Derni=C3=A8re?= sauvegarde =?utf-8?Q?r=C3=A9ussie?= : il y a 5 jours", "HTTP success rate below 50",
		"systemd-resolved stopped on srv-1", "[monit] Does not exist Service systemd-resolved", "Disk full on recovery.example.net", "Database 'crm' is in RECOVERY PENDING",
		"OK -> CRITICAL: srv-1", "[OK =?utf-8?B?4oaS?= CRITICAL] srv-1", "SRV-7 NO LONGER ONLINE", "SRV-7 N'EST PLUS JOIGNABLE", "BACKUP JOB NOT COMPLETED", "SAUVEGARDE NON TERMINEE",
		"TEMPERATURE ABOVE NORMAL", "Backup completed successfully with warnings", "Sauvegarde =?utf-8?Q?r=C3=A9ussie?= avec des erreurs", "Backup riuscito con errori",
		"Alarm CPU on esx02 changed from Green to Yellow", "Alarm CPU on esx02 changed from Red to Yellow", "Alarm CPU on esx02 changed from Red to Gray",
		"[Completed] Sync job with 3 errors", "Cluster failover successful: node2 is active", "Successful root login on srv-1", "0 of 5 backups successful", "Only 3 of 5 backups successful",
	} {
		if a := readMail(t, mailed(1, subject, "")); a.Status != ticket.Firing {
			t.Errorf("%q: %s", subject, a.Status)
		}
	}
	quoted := "Nobody can log in.\n\n> Alarm 'CPU' on esx01 changed from Red to Green"
	if a := readMail(t, mailed(1, "Nobody can log in since 3:10", quoted)); a.Status != ticket.Firing {
		t.Errorf("what is quoted ends it: %s", a.Status)
	}
}

// TestTwoThingsAreTwoAlerts: what tells two things apart stays in the key,
// though it looks like a date, a time, a count or a word.
func TestTwoThingsAreTwoAlerts(t *testing.T) {
	for _, two := range [][2]string{
		{"192.168.1.10 is DOWN", "192.168.1.11 is DOWN"},
		{"Lost communication with UPS 10.0.0.12", "Lost communication with UPS 10.0.0.13"},
		{"Interface GigabitEthernet1/0/24 is down", "Interface GigabitEthernet1/0/25 is down"},
		{"Port 1/1/24 down", "Port 1/1/25 down"},
		{"Port 1:24 down", "Port 1:25 down"},
		{"Link 00:11:22:33:44:55 down", "Link 00:11:22:33:44:66 down"},
		{"Link 10:11:22:33:44:55 down", "Link 20:11:22:33:44:55 down"},
		{"Host DOWN (srv-1)", "Host DOWN (srv-2)"},
		{`Job Failed (Server: "SRV") (Job: "Full")`, `Job Failed (Server: "SRV") (Job: "Incr")`},
		{"online-shop DOWN", "shop DOWN"},
		{"info.example.net DOWN", "alarm.example.net DOWN"},
		{"Look at 10.0.0.12", "Look at 10.0.0.13"},
	} {
		if a, b := readMail(t, mailed(1, two[0], "")), readMail(t, mailed(1, two[1], "")); a.Fingerprint == b.Fingerprint {
			t.Errorf("%q and %q are one alert: %q", two[0], two[1], a.Fingerprint)
		}
	}
	for _, same := range [][2]string{
		{"DOWN: srv (21/11/2026 17:20)", "DOWN: srv (22/11/2026 08:01)"}, {"DOWN: srv at 17:20:01.123", "DOWN: srv at 17:25:03.456"}, {"WARNING: / at 91% since 5 minutes", "WARNING: / at 97.5% since 10 minutes"},
	} {
		if a, b := readMail(t, mailed(1, same[0], "")), readMail(t, mailed(1, same[1], "")); a.Fingerprint != b.Fingerprint {
			t.Errorf("%q and %q are two alerts: %q, %q", same[0], same[1], a.Fingerprint, b.Fingerprint)
		}
	}
}

// TestMailsOvertakeEachOther: a beginning that comes after its end opens nothing
// again, and the end of an earlier problem does not end a later one.
func TestMailsOvertakeEachOther(t *testing.T) {
	first, over, second := readMail(t, mailed(1, "DOWN: srv", "")), readMail(t, mailed(5, "UP: srv", "")), readMail(t, mailed(9, "DOWN: srv", ""))
	if r := (&ticket.AlertRecord{Alert: over}); !r.Late(&first) || r.Late(&second) {
		t.Error("the first problem is not late, or the second is")
	}
	if r := (&ticket.AlertRecord{Alert: second, LastAt: now}); !r.Outlives(&over) {
		t.Error("the end of the first problem ends the second")
	}
	if r := (&ticket.AlertRecord{Alert: first, LastAt: now}); r.Outlives(&over) {
		t.Error("the end of the first problem does not end it")
	}
	wrong := readMail(t, strings.Replace(mailed(1, "DOWN: srv", ""), "2026", "1999", 1))
	if !wrong.StartsAt.IsZero() {
		t.Errorf("a date of 1999 is believed: %s", wrong.StartsAt)
	}
}

// TestOwnMails: what Astreinte sent opens no ticket, however it comes back.
func TestOwnMails(t *testing.T) {
	id := "<0123456789abcdef0123456789abcdef@example.net>"
	for name, raw := range map[string]string{
		"as it is":  "X-Astreinte: 1\r\nSubject: DOWN: srv\r\n\r\n",
		"an answer": "Auto-Submitted: auto-replied (vacation)\r\nIn-Reply-To: " + id + "\r\nSubject: Away\r\n\r\n",
		"a report":  "Content-Type: multipart/report; boundary=x\r\nSubject: Undelivered\r\n\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\nX-Astreinte: 1\r\n--x--\r\n",
	} {
		if alerts, err := Tools().Read(Source{Type: TypeMail}, []byte(raw), now); err != nil || len(alerts) != 0 {
			t.Errorf("%s: %d alerts, %v", name, len(alerts), err)
		}
	}
	for name, raw := range map[string]string{
		"a machine's":       "Auto-Submitted: auto-generated\r\nSubject: DOWN: srv\r\n\r\n",
		"a person's answer": "In-Reply-To: " + id + "\r\nSubject: Re: DOWN: srv\r\n\r\nhelp",
		"another's report":  "Content-Type: multipart/report; boundary=x\r\nSubject: Undelivered\r\n\r\n--x\r\n\r\nno\r\n--x--\r\n",
	} {
		if alerts, err := Tools().Read(Source{Type: TypeMail}, []byte(raw), now); err != nil || len(alerts) != 1 {
			t.Errorf("%s: %d alerts, %v", name, len(alerts), err)
		}
	}
	circle := strings.Repeat("Received: by a\r\n", ticket.MaxLetterHops+1) + "Subject: x\r\n\r\n"
	if _, err := Tools().Read(Source{Type: TypeMail}, []byte(circle), now); err == nil {
		t.Error("a mail that goes in a circle is taken")
	}
}

// TestAMapOfMails says more of a mail, or better; what it leaves out stays.
func TestAMapOfMails(t *testing.T) {
	read := func(spec MappingSpec, raw string) []ticket.Alert {
		t.Helper()
		spec.Partial = true
		by, faults := NewMapping(spec)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		alerts, err := Tools().Read(Source{Name: "tool", Type: TypeMail, Mapping: by, ResolveTimeout: time.Hour}, []byte(raw), now)
		if err != nil {
			t.Fatal(err)
		}
		return alerts
	}
	raw := mailed(1, "Alarm 17 of lift 4", "Site: Givrand")
	spec := MappingSpec{
		Status: `if .text | test("over") then "resolved" elif .subject == "news" then "ignore" else null end`, Key: `.subject | capture("lift (?<n>[0-9]+)") | "lift-" + .n`,
		Title: `"lift"`, Labels: `{site: (.text | capture("Site: (?<s>.+)").s), severity: "critical", tool: null}`,
	}
	a := read(spec, raw)[0]
	if a.Fingerprint != "lift-4" || a.Status != ticket.Firing || a.Title() != "lift" || a.Labels["site"] != "Givrand" || a.Labels["severity"] != "critical" || a.Labels["from"] != "monitor@example.net" {
		t.Errorf("%+v", a)
	}
	over := read(spec, mailed(9, "Alarm 17 of lift 4", "It is over. Site: x"))[0]
	if over.Status != ticket.Resolved || over.Fingerprint != a.Fingerprint || over.EndsAt.Second() != 9 {
		t.Errorf("%+v", over)
	}
	silent := read(spec, mailed(1, "DOWN: srv", "no site"))[0]
	if silent.Status != ticket.Firing || silent.Fingerprint != readMail(t, mailed(1, "DOWN: srv", "")).Fingerprint {
		t.Errorf("where the map yields nothing: %+v", silent)
	}
	spec.Title = `.text.none`
	broken := read(spec, mailed(1, "DOWN: srv", "no site"))[0]
	if broken.Status != ticket.Firing || broken.Title() != "DOWN: srv" || !strings.Contains(broken.Annotations["map_error"], "title") {
		t.Errorf("%+v", broken)
	}
	if alerts := read(MappingSpec{Status: `"ignore"`}, raw); len(alerts) != 0 {
		t.Errorf("%+v", alerts)
	}
	plain := read(MappingSpec{}, mailed(1, "news of the day", "x"))[0]
	if want := now.Add(time.Hour); !plain.SilentAt.Equal(want) {
		t.Errorf("what says neither ends at %s, want %s", plain.SilentAt, want)
	}
	if a := read(MappingSpec{}, mailed(1, "DOWN: srv", "x"))[0]; !a.SilentAt.IsZero() {
		t.Error("a problem ends by itself")
	}
}

// FuzzMail: whatever a mail server brings is an alert, or refused, and the same
// each time.
func FuzzMail(f *testing.F) {
	for _, c := range mailPairs {
		f.Add([]byte(mailed(1, c.subject, c.text)))
		f.Add([]byte(mailed(9, c.end, c.endText)))
	}
	for _, name := range []string{"nagios-mail-service-ack.eml", "alertmanager-mail-firing.eml", "icinga2-mail-service-problem.eml"} {
		f.Add([]byte(fixture(f, name)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		source := Source{Name: "tool", Type: TypeMail}
		alerts, err := Tools().Read(source, data, now)
		for i := range alerts {
			whole(t, TypeMail, &alerts[i])
		}
		again, failed := Tools().Read(source, data, now)
		if (err == nil) != (failed == nil) || !reflect.DeepEqual(alerts, again) {
			t.Errorf("%q: %v, %v, then %v, %v", data, alerts, err, again, failed)
		}
	})
}
