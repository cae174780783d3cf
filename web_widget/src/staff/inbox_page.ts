/** The page /inbox. */
import "../styles/tokens.css";
import "../desk/desk.css";
import "./staff_inbox.ts";
