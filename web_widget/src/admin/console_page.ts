/** The page /console. */
import "../styles/tokens.css";
import "../desk/desk.css";
import "./admin_console.ts";
