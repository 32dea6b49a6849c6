//! A headless Chromium, driven over its DevTools protocol.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// Where distributions put Chromium.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
];

/// One tab of a browser of its own.
pub(crate) struct Page {
    socket: WebSocket<TcpStream>,
    session: String,
    last: u64,
    events: Vec<Value>,
    process: Child,
    folder: TempDir,
}

/// The browser of this machine. Without one a test has nothing to run in: it says so and ends,
/// unless `MPCLAB_BROWSER=required` says that there has to be one.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let files = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = files.into_iter().find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var("MPCLAB_BROWSER").is_ok_and(|value| value == "required");
        assert!(!required, "MPCLAB_BROWSER=required, but there is none of {NAMES:?} on PATH");
        eprintln!("skipped: none of {NAMES:?} is on PATH");
    }
    found
}

impl Page {
    /// Opens a page from a file; `None` if this machine has no browser.
    pub(crate) fn open(html: &str) -> Option<Self> {
        let browser = browser()?;
        let folder = tempfile::tempdir().unwrap();
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let mut process = Command::new(browser)
            .args(FLAGS)
            .arg(profile)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = lines.find_map(|line| {
            line.unwrap().strip_prefix("DevTools listening on ").map(str::to_owned)
        });
        // Its talk has to go somewhere, or it waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let url = url.expect("the browser tells where it listens");
        let address = url.strip_prefix("ws://").unwrap().split('/').next().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let (socket, _) = tungstenite::client(&url, stream).unwrap();
        let (session, events) = (String::new(), Vec::new());
        let mut page = Page { socket, session, last: 0, events, process, folder };
        let target = page.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = page.call("Target.attachToTarget", attach);
        page.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.size(1280, 900);
        let file = page.folder.path().join("page.html");
        std::fs::write(&file, html).unwrap();
        page.go(&format!("file://{}", file.display()));
        Some(page)
    }

    /// Follows an address and waits until the page is there.
    pub(crate) fn go(&mut self, url: &str) {
        let before = self.loads();
        self.call("Page.navigate", json!({ "url": url }));
        while self.loads() == before {
            let event = self.read();
            self.events.push(event);
        }
    }

    /// The address of the page's file.
    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.folder.path().join("page.html").display())
    }

    fn loads(&self) -> usize {
        self.events.iter().filter(|event| event["method"] == "Page.loadEventFired").count()
    }

    fn read(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().unwrap() {
                return serde_json::from_str(text.as_str()).unwrap();
            }
        }
    }

    /// Sends a command and returns its result.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if !self.session.is_empty() {
            command["sessionId"] = self.session.as_str().into();
        }
        self.socket.send(Message::text(command.to_string())).unwrap();
        loop {
            let answer = self.read();
            if answer["id"] != self.last {
                self.events.push(answer);
                continue;
            }
            assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
            return answer["result"].clone();
        }
    }

    /// What an expression is worth in the page.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Presses a key where the focus is.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            " " => (32, " "),
            other => panic!("no code for {other}"),
        };
        let event = |kind: &str| {
            let mut event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            event
        };
        self.call("Input.dispatchKeyEvent", event("keyDown"));
        self.call("Input.dispatchKeyEvent", event("keyUp"));
    }

    /// Types a text where the focus is.
    pub(crate) fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Sets the size of the window, pixels.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Prefers a light or a dark scheme.
    pub(crate) fn scheme(&mut self, name: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": name }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Writes a picture of the upper part of the page, `height` pixels, or of all of it.
    pub(crate) fn photograph(&mut self, file: &Path, beyond: bool) {
        let params = json!({ "format": "png", "captureBeyondViewport": beyond });
        let picture = self.call("Page.captureScreenshot", params);
        write_base64(file, &picture);
    }

    /// Writes the page as it prints.
    pub(crate) fn print(&mut self, file: &Path) {
        let printed = self.call("Page.printToPDF", json!({ "printBackground": false }));
        write_base64(file, &printed);
    }

    /// Errors that the page told of.
    pub(crate) fn errors(&mut self) -> Vec<String> {
        // What happened before an answer was told before it.
        self.eval("1");
        let is_error = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
            Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
            _ => false,
        };
        self.events.iter().filter(is_error).map(ToString::to_string).collect()
    }

    /// Addresses that the page asked for.
    pub(crate) fn requests(&mut self) -> Vec<String> {
        self.eval("1");
        let sent =
            self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        let url = |event: &Value| event["params"]["request"]["url"].as_str().map(str::to_owned);
        sent.filter_map(url).collect()
    }
}

fn write_base64(file: &Path, answer: &Value) {
    let text = answer["data"].as_str().unwrap();
    std::fs::write(file, data_encoding::BASE64.decode(text.as_bytes()).unwrap()).unwrap();
}

impl Drop for Page {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
