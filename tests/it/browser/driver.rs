//! A browser for one test: its own chromedriver, its own profile, gone when it is dropped.

use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use tokio::time::Instant;

/// How long a page may take on a busy machine; waiting ends as soon as what is waited for is there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The chromedriver process.
struct Driver {
    process: Child,
    port: u16,
}

/// How often a chromedriver is started: it takes a port that is free for IPv4, and ends when somebody has that one for IPv6.
const STARTS: usize = 5;

impl Driver {
    fn start() -> Result<Self> {
        for _ in 0..STARTS {
            if let Some(driver) = Self::try_start()? {
                return Ok(driver);
            }
        }
        bail!("chromedriver ended {STARTS} times before it listened")
    }

    /// None when it ended before it listened.
    fn try_start() -> Result<Option<Self>> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context(
                "chromedriver does not start; type `apt-get install chromium chromium-driver`",
            )?;
        let out = process.stdout.take().context("standard output is piped")?;
        let mut lines = BufReader::new(out).lines();
        while let Some(line) = lines.next() {
            if let Some((_, port)) = line?.split_once("started successfully on port ") {
                let port = port
                    .trim_end_matches('.')
                    .parse()
                    .context("reading chromedriver's port")?;
                // Nobody may block on a full pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Some(Self { process, port }));
            }
        }
        let _ = process.kill();
        let _ = process.wait();
        Ok(None)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One browser window.
pub(crate) struct Browser {
    pub(crate) page: WebDriver,
    _driver: Arc<Driver>,
    _profile: TempDir,
}

impl Browser {
    /// Opens a window of a size, in light or dark.
    pub(crate) async fn open(width: u32, height: u32, dark: bool) -> Result<Self> {
        let driver = Arc::new(Driver::start()?);
        let profile = tempfile::tempdir()?;
        let mut wishes = DesiredCapabilities::chrome();
        let profile_folder = format!("--user-data-dir={}", profile.path().display());
        let size = format!("--window-size={width},{height}");
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=de",
            "--accept-lang=de",
            &profile_folder,
            &size,
        ];
        for argument in arguments {
            wishes.add_arg(argument)?;
        }
        if dark {
            wishes.add_arg("--force-dark-mode")?;
        }
        // The development authority is nobody's root; that its certificate is right is tried elsewhere.
        wishes.accept_insecure_certs(true)?;
        let address = format!("http://127.0.0.1:{}", driver.port);
        let page = WebDriver::new(&address, wishes)
            .await
            .context("chromium does not start")?;
        page.set_script_timeout(PATIENCE).await?;
        let browser = Self {
            page,
            _driver: driver,
            _profile: profile,
        };
        browser.resize(width, height, dark).await?;
        Ok(browser)
    }

    /// Sets the viewport exactly: a window's size includes what is around the page, and has a lower bound.
    async fn resize(&self, width: u32, height: u32, dark: bool) -> Result<()> {
        let tools = self.page.cdp();
        let metrics = serde_json::json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600
        });
        tools
            .send_raw("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let scheme = if dark { "dark" } else { "light" };
        let media = serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        tools.send_raw("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// Lets requests for these addresses fail from now on, and no others; `*` stands for anything.
    pub(crate) async fn block(&self, addresses: &[&str]) -> Result<()> {
        let tools = self.page.cdp();
        let none = serde_json::json!({});
        tools.send_raw("Network.enable", none).await?;
        let urls = serde_json::json!({ "urls": addresses });
        tools.send_raw("Network.setBlockedURLs", urls).await?;
        Ok(())
    }

    /// Signs in by the login page and waits for the app.
    pub(crate) async fn sign_in(&self, site: &str, login: &str, password: &str) -> Result<()> {
        self.page.goto(format!("{site}/login")).await?;
        self.find("#login").await?.send_keys(login).await?;
        self.find("#password").await?.send_keys(password).await?;
        self.find("main form button[type=submit]")
            .await?
            .click()
            .await?;
        self.find(".shell, nav")
            .await
            .context("the app does not open")?;
        Ok(())
    }

    /// The first element that a selector finds, once it is there.
    pub(crate) async fn find(&self, selector: &str) -> Result<WebElement> {
        self.page
            .query(By::Css(selector))
            .wait(PATIENCE, Duration::from_millis(50))
            .first()
            .await
            .with_context(|| format!("nothing on the page is {selector}"))
    }

    /// Presses the first element that the selector finds and that shows a text, once there is one.
    pub(crate) async fn press(&self, selector: &str, text: &str) -> Result<()> {
        let began = Instant::now();
        loop {
            for element in self.page.find_all(By::Css(selector)).await? {
                // An element may be drawn anew, or moved, between finding and pressing it. It is brought to the middle:
                // a bar stands over the edge of a phone.
                if element.text().await.is_ok_and(|shown| shown.contains(text))
                    && element.scroll_into_view().await.is_ok()
                    && element.click().await.is_ok()
                {
                    return Ok(());
                }
            }
            if began.elapsed() > PATIENCE {
                bail!("no {selector} with {text:?} can be pressed");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Writes into a field, in the place of what is there.
    pub(crate) async fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let field = self.find(selector).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Waits until nothing is found any more.
    pub(crate) async fn wait_until_gone(&self, selector: &str) -> Result<()> {
        let began = Instant::now();
        while !self.page.find_all(By::Css(selector)).await?.is_empty() {
            if began.elapsed() > PATIENCE {
                bail!("{selector} stays");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// By how many pixels the page is wider than the window.
    pub(crate) async fn overflow(&self) -> Result<String> {
        let script = "const done = arguments[0];
            done(String(document.documentElement.scrollWidth - document.documentElement.clientWidth));";
        self.ask(script, vec![]).await
    }

    /// Waits until some element that the selector finds shows a text.
    pub(crate) async fn wait_for_text(&self, selector: &str, text: &str) -> Result<Duration> {
        let began = Instant::now();
        loop {
            for element in self.page.find_all(By::Css(selector)).await? {
                // An element may be drawn anew between finding and reading it.
                if element.text().await.is_ok_and(|shown| shown.contains(text)) {
                    return Ok(began.elapsed());
                }
            }
            if began.elapsed() > PATIENCE {
                let body = self
                    .page
                    .find(By::Tag("body"))
                    .await?
                    .text()
                    .await
                    .unwrap_or_default();
                bail!("no {selector} shows {text:?}; the page shows: {body}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Runs a script that calls its last argument with a text, and gives the text.
    pub(crate) async fn ask(
        &self,
        script: &str,
        arguments: Vec<serde_json::Value>,
    ) -> Result<String> {
        let answered = self.page.execute_async(script, arguments).await?;
        answered
            .json()
            .as_str()
            .map(str::to_owned)
            .context("the script gave no text")
    }

    /// Closes the window.
    pub(crate) async fn close(self) {
        let _ = self.page.clone().quit().await;
    }

    /// A picture of the page, kept where `SCHULHOF_PICTURES` names a folder.
    pub(crate) async fn picture(&self, name: &str) -> Result<()> {
        if let Some(folder) = std::env::var_os("SCHULHOF_PICTURES") {
            let folder = std::path::PathBuf::from(folder);
            std::fs::create_dir_all(&folder)?;
            self.page
                .screenshot(&folder.join(format!("{name}.png")))
                .await?;
        }
        Ok(())
    }
}
